"use strict";
// The search page: results while typing, and keys to walk through them. Without this file the form still works.

const isTyping = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;
const hasModifier = (event) => event.ctrlKey || event.metaKey || event.altKey;
const search = () => document.getElementById("search");

// Arrows walk from the field through the results and back.
function walk(step) {
  const stops = [search(), ...document.querySelectorAll("#results [data-hit]")];
  const place = stops.indexOf(document.activeElement);
  if (place < 0) return false;
  stops[Math.min(Math.max(place + step, 0), stops.length - 1)].focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (hasModifier(event)) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (walk(event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
    return;
  }
  if (isTyping(event.target) || (event.key !== "/" && event.key !== "s")) return;
  event.preventDefault();
  search().focus();
  search().select();
});

// A picture that can't be loaded makes way.
document.addEventListener("error", ({ target }) => {
  if (target.matches?.(".hit img")) target.remove();
}, true);

// Addresses stay short.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.id !== "filters") return;
  for (const [name, value] of [...ctx.request.body]) if (!value) ctx.request.body.delete(name);
});

// One history entry for a search, not one for each pause while it is typed.
let wasTyped = false;
let isTyped = false;
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  isTyped = ctx.sourceEvent?.type === "input";
  report("");
});
document.addEventListener("htmx:before:history:update", ({ detail: { history } }) => {
  if (isTyped && wasTyped) history.type = "replace";
  wasTyped = isTyped;
});

// A login that ran out answers with another page: go there instead of swapping it in.
document.addEventListener("htmx:before:response", (event) => {
  const { raw } = event.detail.ctx.response;
  if (!raw.redirected) return;
  event.preventDefault();
  location.assign(raw.url);
});

function report(text) {
  const problem = document.getElementById("problem");
  problem.textContent = text;
  problem.hidden = !text;
}
document.addEventListener("htmx:error", () => report("The server can't be reached. Try again in a moment."));
document.addEventListener("htmx:response:error", () => report("The server could not answer. Try again in a moment."));
