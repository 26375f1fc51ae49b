// The page of settings, without leaving it: what is unsaved is counted, saved with one request, or discarded. Every
// answer is the page itself, of which the part that counts is taken over. Without this file the forms are plain ones.

import { toast } from "./toasts.js";
import "./trying.js";

const UNREACHABLE = "The server can't be reached. Nothing was saved.";
const UNANSWERED = "The server could not answer. Try again in a moment.";
const PAUSE = 300;
const page = () => document.getElementById("settings");
const forms = () => [...document.querySelectorAll("form[data-settings]")];

function isChanged(control) {
  if (control.type === "hidden" || !control.name || control.tagName === "BUTTON") return false;
  if (control.type === "checkbox") return control.checked !== control.defaultChecked;
  if (control.tagName === "SELECT") return [...control.options].some((each) => each.selected !== each.defaultSelected);
  return control.value !== control.defaultValue;
}

// Several boxes of one name are one setting; so are a key and the box that removes it.
function changes(form) {
  const names = [...form.elements].filter(isChanged).map(({ name, value }) => (name === "clear" ? value : name));
  return new Set(names).size;
}

function count(form) {
  const number = changes(form);
  form.toggleAttribute("data-dirty", number > 0);
  const told = form.querySelector("[data-unsaved]");
  if (!told) return;
  told.textContent = number ? `${number} unsaved ${number === 1 ? "change" : "changes"}` : "";
  form.querySelector("[data-discard]").hidden = number === 0;
}

async function ask(address, options) {
  const answer = await fetch(address, { ...options, headers: { Accept: "text/html" } });
  if (new URL(answer.url).pathname !== new URL(page().querySelector("[role=search]").action).pathname) {
    location.assign(answer.url);
    return null;
  }
  if (!answer.ok && answer.status !== 400) throw new Error(UNANSWERED);
  return { ok: answer.ok, url: answer.url, page: new DOMParser().parseFromString(await answer.text(), "text/html") };
}

function takeOver(answer) {
  const focused = document.activeElement?.id;
  page().replaceWith(document.adoptNode(answer.page.getElementById("settings")));
  if (focused) document.getElementById(focused)?.focus();
  begin();
}

async function save(form) {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    const answer = await ask(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!answer) return;
    const others = forms().filter((each) => each !== form && changes(each));
    if (others.length) form.replaceWith(document.adoptNode(answer.page.getElementById(form.id)));
    else takeOver(answer);
    if (answer.ok) {
      document.querySelector("#settings > .notice[role=status]")?.remove();
      toast("Saved.");
    } else document.querySelector("[data-settings] [aria-invalid=true]")?.focus();
    begin();
  } catch (error) {
    toast(error instanceof TypeError ? UNREACHABLE : error.message, "failed");
  } finally {
    form.ariaBusy = "false";
  }
}

function setUsual(button) {
  const row = button.closest(".setting");
  const usual = button.dataset.usual;
  for (const control of row.querySelectorAll("input:not([type=hidden]), select")) {
    if (control.closest(".days")) control.checked = true;
    else if (control.type === "checkbox") control.checked = usual === "true";
    else control.value = usual;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

let waiting = 0;
function search(field) {
  clearTimeout(waiting);
  if (forms().some(changes)) return;
  waiting = setTimeout(async () => {
    const address = new URL(field.form.action);
    if (field.value.trim()) address.searchParams.set("q", field.value.trim());
    const answer = await ask(address).catch(() => null);
    if (!answer || field.value !== document.getElementById("search").value) return;
    const typed = field.value;
    takeOver(answer);
    history.replaceState(null, "", address);
    Object.assign(document.getElementById("search"), { value: typed });
    document.getElementById("search").setSelectionRange(typed.length, typed.length);
  }, PAUSE);
}

async function previewNames() {
  const box = document.querySelector("[data-naming]");
  const field = document.getElementById("set-naming_template");
  if (!box || !field) return;
  const { preview } = await import("./naming.js");
  preview(field, box.querySelector("[data-examples]"), box.querySelector("[data-problem]"), box.dataset.naming);
}

// After a refusal the fields hold what was typed. What is in force stands in the hidden fields, and a reset leads there.
function rememberWhatHolds(form) {
  for (const { name, value: held } of form.querySelectorAll('input[type=hidden][name^="was."]')) {
    const controls = [...form.querySelectorAll(`[name="${name.slice(4)}"]:not([type=hidden])`)];
    for (const control of controls) {
      const { value, checked } = control;
      if (control.type === "password") continue;
      if (control.type === "checkbox") {
        control.defaultChecked = controls.length > 1 ? held === "daily" || held.split(",").includes(value) : held === value;
        control.checked = checked;
      } else {
        for (const option of control.options ?? []) option.defaultSelected = option.value === held;
        if (!control.options) control.defaultValue = held;
        control.value = value;
      }
    }
  }
}

// On a phone the groups don't fit beside each other.
function showTab(tabs) {
  const here = tabs.querySelector("[aria-current]");
  if (here) tabs.scrollLeft = here.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - here.offsetWidth) / 2;
}

function begin() {
  showTab(document.querySelector(".tabs"));
  for (const form of forms()) {
    rememberWhatHolds(form);
    count(form);
  }
  previewNames();
}

document.addEventListener("input", ({ target }) => {
  if (target.id === "search") search(target);
  else if (target.form && "settings" in target.form.dataset) count(target.form);
});

document.addEventListener("reset", ({ target }) => {
  if ("settings" in target.dataset) setTimeout(() => count(target));
});

document.addEventListener("click", (event) => {
  const usual = event.target.closest("[data-usual]");
  if (!usual) return;
  event.preventDefault();
  setUsual(usual);
});

document.addEventListener("submit", (event) => {
  if (!("settings" in event.target.dataset)) return;
  event.preventDefault();
  save(event.target);
});

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  const current = document.activeElement?.closest("form[data-settings]");
  const form = current && changes(current) ? current : forms().find(changes);
  if (form) save(form);
});

addEventListener("beforeunload", (event) => {
  if (forms().some(changes)) event.preventDefault();
});

begin();
