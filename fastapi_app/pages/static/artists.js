// The page of artists: adding somebody in a dialog, and what to do with those that are selected.

import { showAnew } from "./anew.js";
import { ask, Refused, sentence } from "./asking.js";
import "./pictures.js";
import { Selection } from "./selection.js";
import { toast } from "./toasts.js";
import { remove } from "./undo.js";

const page = document.getElementById("artists");
const many = (number) => `${number.toLocaleString()} artist${number === 1 ? "" : "s"}`;

const refresh = () => showAnew(["count", "statuses", "results"]);

// Adding: the dialog holds the form of the page /artists/new, and says what is wrong at the field.

const adding = document.getElementById("new-artist");
const opener = document.getElementById("add");

function complain({ field = "name", error, existing }) {
  for (const place of adding.querySelectorAll("[data-wrong]")) {
    const isHere = place.dataset.wrong === field && Boolean(error);
    place.hidden = !isHere;
    place.querySelector("span").textContent = isHere ? error : "";
    adding.querySelector(`[name="${place.dataset.wrong}"]`).ariaInvalid = String(isHere);
  }
  const link = adding.querySelector("[data-existing]");
  link.hidden = !existing;
  if (existing) Object.assign(link, { href: existing.address, textContent: existing.name });
  if (error) adding.querySelector(`[name="${field}"]`).focus();
}

function openForm(event) {
  event.preventDefault();
  complain({});
  adding.showModal();
}

async function add(event) {
  event.preventDefault();
  const form = event.target;
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    const { address } = await ask("POST", "/artists/new", Object.fromEntries(new FormData(form)));
    location.assign(address);
  } catch (error) {
    complain(error instanceof Refused ? { ...error.told, error: error.message } : { error: sentence(error) });
    form.ariaBusy = "false";
  }
}

if (adding) {
  opener.addEventListener("click", (event) => {
    if (event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) openForm(event);
  });
  adding.querySelector("form").addEventListener("submit", add);
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select");
    if (event.key !== "n" || isTyping || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    openForm(event);
  });
}

// What to do with the selected.

const bar = document.querySelector("[data-bulk]");
const chosen = bar ? new Selection(page) : null;

async function edit(updates, told) {
  const { updated_count: number } = await ask("POST", "/api/artists/bulk-edit", { artist_ids: chosen.ids, updates });
  await refresh();
  toast(`${many(number)} ${told}.`);
}

function askKeywords() {
  const dialog = document.getElementById("keywords");
  const field = dialog.querySelector("input");
  dialog.querySelector("[data-number]").textContent = many(chosen.ids.length);
  dialog.showModal();
  field.select();
}

const acts = {
  monitor: () => edit({ monitored: true }, "monitored"),
  unmonitor: () => edit({ monitored: false }, "no longer monitored"),
  keywords: askKeywords,
  merge: ({ dataset }) => location.assign(`${dataset.address}?${chosen.ids.map((id) => `artist=${id}`).join("&")}`),
  delete: async () => {
    await remove({ artists: chosen.ids, force: true });
    await refresh();
  },
};

async function trying(act) {
  if (bar.ariaBusy === "true") return;
  bar.ariaBusy = "true";
  try {
    await act();
  } catch (error) {
    toast(sentence(error), "failed");
  } finally {
    bar.ariaBusy = "false";
  }
}

bar?.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-do]");
  if (button) trying(() => acts[button.dataset.do](button));
});

document.querySelector("#keywords form")?.addEventListener("submit", () => {
  const keywords = document.getElementById("keywords-text").value;
  trying(() => edit({ keywords }, keywords.trim() ? "have these keywords" : "have no keywords"));
});

document.querySelector(".letter[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// Back from another page, the browser may show what was there before.
addEventListener("pageshow", ({ persisted }) => persisted && refresh());
