// A naming template as somebody types it: what it makes of a few films, or what is wrong and where.

const PAUSE = 250;
const UNREACHABLE = "The server can't be reached. Try again in a moment.";

// `input` holds the template, `list` takes the examples, `problem` the sentence; `address` is that of the preview.
export function preview(input, list, problem, address) {
  let asked = 0;
  let waiting;

  async function ask() {
    const number = ++asked;
    const template = input.value;
    let told = {};
    try {
      const answer = await fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ template }),
      });
      told = await answer.json();
    } catch {
      told = { error: UNREACHABLE };
    }
    if (number === asked) show(told);
  }

  function show({ examples, error, position }) {
    const place = error && Number.isInteger(position) ? ` (character ${position + 1})` : "";
    problem.textContent = error ? error + place : "";
    list.parentElement.classList.toggle("stale", Boolean(error));
    input.toggleAttribute("aria-invalid", Boolean(error));
    if (error) input.setAttribute("aria-invalid", "true");
    if (examples) list.replaceChildren(...examples.map(item));
  }

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
  ask();
}

function item({ path }) {
  const line = document.createElement("li");
  const name = Object.assign(document.createElement("bdi"), { textContent: path });
  line.append(name);
  return line;
}
