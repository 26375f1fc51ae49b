// The pages that rename files: the live preview, words to press, the count of the whole library, and how far a run is.

import { showAll } from "./moments.js";
import { preview } from "./naming.js";
import { toast } from "./toasts.js";

const ASK_EVERY = 1000;
const number = new Intl.NumberFormat();

const field = document.getElementById("template");
const box = document.querySelector("[data-naming]");
if (field && box) preview(field, box.querySelector("[data-examples]"), document.querySelector("[data-problem]"), box.dataset.naming);

document.addEventListener("click", ({ target }) => {
  const word = target.closest("[data-word]");
  if (!word) return;
  field.focus();
  field.setRangeText(`{${word.dataset.word}}`, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

async function send(address, body) {
  const answer = await fetch(address, {
    method: body === undefined ? "GET" : "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? "The server could not answer.");
  return answer.json();
}

function films(count, one, many) {
  return `${number.format(count)} ${count === 1 ? one : many}`;
}

async function count(place) {
  const { counts } = await send(place.dataset.counts, { template: place.dataset.template, after: 2147483647, counts: true });
  const parts = [films(counts.rename, "film gets another name", "films get another name"), `${number.format(counts.unchanged)} stay`];
  if (counts.conflict) parts.push(films(counts.conflict, "shares its name and gets a number", "share a name and get numbers"));
  if (counts.outside) parts.push(`${number.format(counts.outside)} lie elsewhere`);
  place.textContent = `${parts.join(", ")}.`;
  const start = document.querySelector("[data-start]");
  if (!start) return;
  if (counts.rename) start.textContent = `Rename ${films(counts.rename, "film", "films")}`;
  else start.disabled = true;
}

const counted = document.querySelector("[data-counts]");
if (counted) count(counted).catch(() => {});

const run = document.querySelector("[data-run]");
const ended = new Set(run?.dataset.doneStates.split(" "));

async function follow() {
  try {
    const told = await send(run.dataset.run);
    if (ended.has(told.state)) return location.reload();
    const done = Object.entries(told.files).reduce((sum, [state, count]) => sum + (state === "pending" ? 0 : count), 0);
    const all = Object.values(told.files).reduce((sum, count) => sum + count, 0);
    run.querySelector("progress").value = all ? (100 * done) / all : 0;
    if (all) run.querySelector("[data-said]").textContent = `${number.format(done)} of ${films(all, "file", "files")}`;
  } catch {
    // The next question may get through.
  }
  setTimeout(follow, ASK_EVERY);
}

if (run) setTimeout(follow, ASK_EVERY);

document.querySelector("[data-cancel]")?.addEventListener("click", async ({ currentTarget }) => {
  currentTarget.disabled = true;
  try {
    await send(currentTarget.dataset.cancel, {});
    toast("It stops after the film that it is at.");
  } catch (error) {
    currentTarget.disabled = false;
    toast(error.message, "failed");
  }
});

showAll();
