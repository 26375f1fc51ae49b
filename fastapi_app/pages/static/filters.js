"use strict";
// A form of filters whose results follow typing: short addresses, one step back per word, and what went wrong.

const isTyping = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;
const hasModifier = (event) => event.ctrlKey || event.metaKey || event.altKey;

// Addresses stay short: what the form leaves at its first choice is not written.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.id !== "filters") return;
  for (const control of ctx.sourceElement.elements) {
    if (control instanceof HTMLSelectElement && control.selectedIndex === 0) ctx.request.body.delete(control.name);
  }
  for (const [name, value] of [...ctx.request.body]) if (!value) ctx.request.body.delete(name);
});

// One history entry for a word, not one for each pause while it is typed.
let wasTyped = false;
let isTyped = false;
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  isTyped = ctx.sourceEvent?.type === "input";
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
document.addEventListener("htmx:before:request", () => report(""));
document.addEventListener("htmx:error", () => report("The server can't be reached. Try again in a moment."));
document.addEventListener("htmx:response:error", () => report("The server could not answer. Try again in a moment."));
