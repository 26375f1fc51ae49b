// The page about one artist: looking for videos, what to do with the selected ones, the picture, and leaving.

import { showAnew } from "./anew.js";
import { ask, base, sentence } from "./asking.js";
import { showAll } from "./moments.js";
import "./pictures.js";
import { Selection } from "./selection.js";
import { toast } from "./toasts.js";
import { remove } from "./undo.js";

const page = document.getElementById("artist");
const id = Number(page.dataset.id);
const many = (number) => `${number.toLocaleString()} video${number === 1 ? "" : "s"}`;
const refresh = () => showAnew(["tally", "videos"]);

showAll();

document.getElementById("play-all")?.addEventListener("click", () => {
  const first = document.querySelector("#results [data-play]");
  if (first) first.click();
  else toast("No film is on this page of videos.", "failed");
});

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const link = { "[": "before", "]": "after" }[event.key];
  if (link) document.getElementById(link)?.click();
});

// Looking for new videos takes as long as IMVDb does.

const find = document.getElementById("find");
const findings = document.getElementById("findings");

function line({ song_title: title, year, url }) {
  const made = document.createElement("li");
  const link = Object.assign(document.createElement("a"), { href: url, textContent: title, rel: "noreferrer", target: "_blank", dir: "auto" });
  made.append(link);
  if (year) made.append(" ", Object.assign(document.createElement("small"), { textContent: year }));
  return made;
}

function tellFound({ videos, stored_count: stored }) {
  const list = findings.querySelector("[data-list]");
  const told = findings.querySelector("[data-found]");
  told.textContent = videos.length ? `${many(stored)} found and wanted now. Select those to download below.` : "Nothing new was found.";
  told.hidden = false;
  list.replaceChildren(...videos.map(line));
  list.hidden = videos.length === 0;
}

function tellProblem(text) {
  const problem = findings.querySelector("[data-problem]");
  problem.hidden = !text;
  problem.querySelector("span").textContent = text;
}

find?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (find.ariaBusy === "true") return;
  const word = find.querySelector("[data-word]");
  const { textContent } = word;
  find.ariaBusy = "true";
  word.textContent = "Looking…";
  tellProblem("");
  for (const part of findings.querySelectorAll("[data-found], [data-list]")) part.hidden = true;
  try {
    const found = await ask("POST", `/api/discovery/artist/${id}`, { limit: Number(page.dataset.most) });
    if (found.stored_count) await refresh();
    tellFound(found);
  } catch (error) {
    tellProblem(sentence(error));
  } finally {
    findings.hidden = false;
    find.ariaBusy = "false";
    word.textContent = textContent;
  }
});

// What to do with the selected videos.

const bar = document.querySelector("[data-bulk]");
const chosen = bar ? new Selection(page) : null;
const words = { WANTED: "wanted now", IGNORED: "ignored now" };

const acts = {
  download: async () => {
    const { success_count: good, failed_count: bad } = await ask("POST", "/api/videos/bulk/download", { video_ids: chosen.ids });
    chosen.none();
    toast(`${good === 1 ? "1 download waits" : `${good} downloads wait`} for a turn.${bad ? ` ${bad} could not be handed in.` : ""}`, bad ? "failed" : "done");
  },
  status: async ({ dataset: { status } }) => {
    const { ids } = chosen;
    await ask("PUT", "/api/videos/bulk/status", { video_ids: ids, status });
    await refresh();
    toast(`${many(ids.length)} ${words[status]}.`);
  },
  playlist: async () => (await import("./playlist_chooser.js")).choosePlaylist(chosen.ids),
  delete: async () => {
    await remove({ videos: chosen.ids });
    await refresh();
  },
};

bar?.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-do]");
  if (!button || bar.ariaBusy === "true") return;
  bar.ariaBusy = "true";
  try {
    await acts[button.dataset.do](button);
  } catch (error) {
    toast(sentence(error), "failed");
  } finally {
    bar.ariaBusy = "false";
  }
});

// Leaving with a way back, and the picture.

document.getElementById("forget")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await remove({ artists: [id], force: true }, { leave: `${base}/artists` });
  } catch (error) {
    toast(sentence(error), "failed");
  }
});

document.querySelector("[data-opens=picture]")?.addEventListener("click", async () => {
  const { openPicture } = await import("./artist_picture.js");
  openPicture(document.getElementById("picture"), id);
});
