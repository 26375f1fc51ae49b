// The form that chooses what plays: suggestions while typing, and the order kept as it is.

import { ask } from "./asking.js";

const PAUSE = 200;
const form = document.getElementById("choosing");

function suggest(list, names) {
  document.getElementById(list).replaceChildren(...names.map((value) => Object.assign(document.createElement("option"), { value })));
}

let waiting = 0;
document.getElementById("artist").addEventListener("input", ({ target }) => {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    if (!target.value.trim()) return;
    const found = await ask("GET", `/api/search?${new URLSearchParams({ kind: "artists", q: target.value })}`).catch(() => null);
    if (found) suggest("artists", [...new Set(found.artists.items.map(({ name }) => name))]);
  }, PAUSE);
});

document.getElementById("genre").addEventListener("focus", async () => {
  const found = await ask("GET", "/api/genres").catch(() => null);
  if (found) suggest("genres", found.video_genres);
}, { once: true });

// Addresses stay short.
form.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
});

// Tells the form the order in force, so that choosing does not change it.
export function keepOrder(seed) {
  const hidden = form.querySelector("input[type=hidden]");
  hidden.name = seed ? "seed" : "order";
  hidden.value = seed ?? "newest";
}
