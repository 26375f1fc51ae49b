// The keys of every page: `?` explains them, `/` and `s` search, `g` and a letter go to a place. None while typing.

import { base } from "./asking.js";

const PLACES = {
  h: "/", a: "/artists", l: "/videos", p: "/playlists", m: "/mvtv", w: "/wanted", d: "/downloads", t: "/settings", y: "/system",
};
const PATIENCE = 1500;
let waiting = 0;

const isTyping = (element) => element.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") != null;
const isBusy = (event) => event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target) || document.querySelector("dialog[open]");
const made = (name, textContent = "", more = {}) => Object.assign(document.createElement(name), { textContent, ...more });

// Only places that this visitor's navigation has.
function places() {
  const links = [...document.querySelectorAll("nav a[href]")];
  return Object.entries(PLACES).flatMap(([key, path]) => {
    const link = links.find(({ pathname }) => pathname === base + path);
    return link ? [{ key, link, name: (link.querySelector(".word") ?? link).firstChild?.textContent.trim() || link.textContent.trim() }] : [];
  });
}

function search() {
  const field = document.getElementById("search");
  if (!field) return location.assign(`${base}/search`);
  field.focus();
  field.select();
}

function rows(list, pairs) {
  for (const [keys, what] of pairs) {
    const term = made("dt");
    keys.forEach((key, place) => term.append(...(place ? [" "] : []), made("kbd", key)));
    list.append(term, made("dd", what));
  }
}

// What the page itself has, from its <template id="page-keys">: a list of dt and dd.
function explained() {
  const list = made("dl", "", { className: "keys" });
  const own = document.getElementById("page-keys");
  if (own) list.append(own.content.cloneNode(true));
  rows(list, [
    [["?"], "This help"],
    [["/", "s"], "Search"],
    ...places().map(({ key, name }) => [["g", key], `Go to ${name}`]),
    [["Esc"], "Close, or select nothing"],
  ]);
  return list;
}

function help() {
  const dialog = made("dialog", "", { className: "dialog keys-help" });
  const head = made("div", "", { className: "dialog-head" });
  const body = made("div", "", { className: "dialog-body" });
  const foot = made("div", "", { className: "dialog-foot" });
  const close = made("button", "Close", { type: "button", className: "button" });
  close.dataset.closes = "";
  head.append(made("h2", "Keys", { id: "keys-heading" }));
  body.append(explained());
  foot.append(close);
  dialog.setAttribute("aria-labelledby", "keys-heading");
  dialog.append(head, body, foot);
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (isBusy(event) || event.key === "Shift") return;
  const going = Date.now() - waiting < PATIENCE;
  waiting = 0;
  const place = going && places().find(({ key }) => key === event.key);
  if (place) location.assign(place.link.href);
  else if (event.key === "?") help();
  else if (event.key === "/" || event.key === "s") search();
  else if (event.key === "g") waiting = Date.now();
  else return;
  event.preventDefault();
});

document.addEventListener("click", ({ target }) => target.closest?.("[data-keys-help]") && help());
