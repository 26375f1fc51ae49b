// How many downloads run and have failed, beside the word Downloads on every page.

const EVERY = 15_000;
const place = document.getElementById("counts");

function pill(number, kind) {
  return Object.assign(document.createElement("span"), { className: `pill ${kind}`, textContent: `${number} ` });
}

function word(text) {
  return Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: text });
}

function show({ running = 0, failed = 0 }) {
  if (!place || place.dataset.shown === `${running} ${failed}`) return;
  place.dataset.shown = `${running} ${failed}`;
  const pills = [[running, "running"], [failed, "failed"]].filter(([number]) => number);
  place.replaceChildren(...pills.flatMap(([number, kind]) => [pill(number, kind), word(`${kind} `)]));
  place.hidden = !pills.length;
}

// How many downloads there are in each state; null while the server can't be asked.
export async function refresh() {
  try {
    const answer = await fetch(place.dataset.address, { headers: { Accept: "application/json" } });
    if (!answer.ok) return null;
    const { by_queue: queues } = await answer.json();
    const counts = queues.downloads ?? {};
    show(counts);
    return counts;
  } catch {
    return null;
  }
}

async function keep() {
  if (!document.hidden) await refresh();
  setTimeout(keep, EVERY);
}

// The page of downloads asks by itself, whenever it hears of something.
if (place && !document.getElementById("downloads")) {
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  keep();
}
