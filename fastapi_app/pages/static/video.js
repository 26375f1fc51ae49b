// The page about one video: what goes wrong with its film, its download live, its picture. Forms work without it.

import { listen } from "./acts.js";
import { ask, base, sentence, UNANSWERED } from "./asking.js";
import { showCaptions } from "./captions.js";
import { groupOf, hasEnded, isNewer, texts } from "./jobs.js";
import { Live } from "./live.js";
import { showAll } from "./moments.js";
import "./pictures.js";
import { toast } from "./toasts.js";
import { remove } from "./undo.js";

const page = document.getElementById("video");
const id = Number(page.dataset.id);
const film = document.getElementById("film");
const panel = document.getElementById("last-job");

showAll();

const NOT_PLAYABLE = "This video can't be played: its file is missing or of a kind that this browser does not know.";

function tell(text) {
  const place = document.getElementById("film-problem");
  place.textContent = text;
  place.hidden = !text;
}

if (film) {
  film.addEventListener("error", () => tell(NOT_PLAYABLE));
  film.addEventListener("playing", () => tell(""));
  film.addEventListener("play", () => film.querySelector("track") ?? showCaptions(film, id), { once: true });
  // Two sounds at once are one too many.
  document.addEventListener("play", ({ target }) => target !== film && film.pause(), true);
}

// The latest download, live.

let known = null;

function fill(job) {
  const group = groupOf(job);
  for (const [part, text] of Object.entries(texts(job))) {
    for (const place of panel.querySelectorAll(`[data-part=${part}]`)) {
      place.textContent = text;
      if (part === "reason") place.hidden = !text;
    }
  }
  const bar = panel.querySelector("[data-part=bar]");
  if (job.percent == null) bar.removeAttribute("value");
  else bar.value = job.percent;
  panel.querySelector("[data-going]").hidden = group !== "running";
  for (const form of panel.querySelectorAll("form[data-group]")) form.hidden = form.dataset.group !== group;
  panel.dataset.state = job.state;
  panel.dataset.group = group;
}

function put(job) {
  if (job.job_id !== Number(panel.dataset.job) || !isNewer(job, known)) return;
  const ends = job.state === "completed" && panel.dataset.state !== "completed";
  known = job;
  fill(job);
  if (ends) toast("The download is done.", "done", { label: "Show the film", act: () => location.reload(), seconds: 60 });
}

if (panel) {
  new Live(page.dataset.base, {
    snapshot: (jobs) => jobs.forEach(put),
    seen: () => (known && !hasEnded(known) ? { [known.job_id]: known.seq } : {}),
    news: put,
    gone() {},
    state() {},
    leave: () => location.reload(),
  });
  listen((_action, job) => job && put(job));
}

// Deleting, with a way back.

document.getElementById("forget")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await remove({ videos: [id] }, { leave: `${base}/videos` });
  } catch (error) {
    toast(sentence(error), "failed");
  }
});

// The picture.

const dialog = document.getElementById("picture");

async function upload(form) {
  const answer = await fetch(`${base}/api/videos/${id}/thumbnail/upload`, { method: "POST", body: new FormData(form) });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.error ?? UNANSWERED);
}

async function doing(act) {
  if (dialog.ariaBusy === "true") return;
  dialog.ariaBusy = "true";
  const problem = dialog.querySelector("[data-problem]");
  problem.hidden = true;
  try {
    await act();
    location.reload();
  } catch (error) {
    problem.textContent = sentence(error);
    problem.hidden = false;
  } finally {
    dialog.ariaBusy = "false";
  }
}

dialog?.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  doing(() => upload(event.target));
});
dialog?.querySelector("[data-picture=remove]")?.addEventListener("click", () => {
  doing(() => ask("PUT", `/api/videos/${id}/thumbnail`, { action: "remove" }));
});

// The form opens where something leads into it.

const edit = document.getElementById("edit");

function open() {
  if (!edit) return;
  edit.open = true;
  const field = document.getElementById("field-title");
  field.focus();
  field.scrollIntoView({ block: "center" });
}

document.addEventListener("click", (event) => {
  if (!event.target.closest('a[href="#field-title"]')) return;
  event.preventDefault();
  event.target.closest("details").open = false;
  open();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, button, summary, a, video, dialog") || document.querySelector("dialog[open]")) {
    if (event.key === " " || event.target.closest("input, textarea, select, dialog")) return;
  }
  if (event.key === "[") document.getElementById("before")?.click();
  else if (event.key === "]") document.getElementById("after")?.click();
  else if (event.key === "e") open();
  else if (event.key === " " && film) film.paused ? film.play().catch(() => tell(NOT_PLAYABLE)) : film.pause();
  else return;
  event.preventDefault();
});
