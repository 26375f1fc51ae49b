// The keyboard: which key means which act, and the page that says so.

import { h, icon } from "./dom.js";

const KEYS = [
  [["j", "ArrowDown"], "next", "j  ↓", "next route"],
  [["k", "ArrowUp"], "previous", "k  ↑", "previous route"],
  [["Home"], "first", "Home", "first route"],
  [["End"], "last", "End", "last route"],
  [["Enter"], "open", "Enter", "open the route"],
  [["x"], "select", "x", "select the route"],
  [["X"], "range", "Shift x", "select up to here; also Shift and a click"],
  [["p"], "promote", "p", "promote the selected routes, or this one"],
  [["r"], "rollback", "r", "roll them back"],
  [["/"], "search", "/", "search"],
  [["Escape"], "leave", "Esc", "close; then clear the selection"],
  [["?"], "help", "?", "this page"],
];
const MEANT = new Map(KEYS.flatMap(([names, act]) => names.map((name) => [name, act])));

// The act that a key press asks for, or null: typing and other programs' shortcuts are left alone.
export function meant(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return null;
  const act = MEANT.get(event.key) ?? null;
  const { target } = event;
  if (target.matches("input:not([type=checkbox]), select, textarea")) return act === "leave" ? "unsearch" : null;
  if (event.key === "Enter" && !target.matches("tr")) return null;
  if (/^(Arrow|Home|End)/.test(event.key) && target.closest("pre, .scroller, .panel, summary, .workers")) return null;
  return act;
}

export function help() {
  const close = h("button.button.icon-button", { type: "button", "aria-label": "Close" }, icon("cross"));
  const dialog = h("dialog.question", { "aria-labelledby": "help-title" },
    h("header", {}, h("h2", { id: "help-title" }, "Keyboard"), close),
    h("dl.keys", {}, KEYS.map(([, , shown, text]) => h("div", {}, h("dt", {}, shown.split("  ").map((key) => h("kbd", {}, key))), h("dd", {}, text)))));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
