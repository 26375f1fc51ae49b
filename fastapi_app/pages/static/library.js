// The library page: what is selected, and what to do with it. Without this file the form and the links still work.

import { showAnew } from "./anew.js";
import { ask, base, sentence } from "./asking.js";
import "./pictures.js";
import { Selection } from "./selection.js";
import { toast } from "./toasts.js";
import { remove } from "./undo.js";

const library = document.querySelector(".library");
const bar = document.querySelector("[data-bulk]");
const dialog = document.getElementById("edit");
const chosen = bar ? new Selection(library) : null;
const many = (number, noun) => `${number.toLocaleString()} ${noun}${number === 1 ? "" : "s"}`;

const refresh = () => showAnew(["results", "count", "statuses"]);

const acts = {
  async download(ids) {
    const { success_count: good } = await ask("POST", "/api/videos/bulk/download", { video_ids: ids });
    toast(`${many(good, "download")} waiting.`, "done", { label: "See them", act: () => location.assign(`${base}/downloads`) });
  },

  async status(ids, status) {
    const { success_count: good } = await ask("PUT", "/api/videos/bulk/status", { video_ids: ids, status });
    toast(`${many(good, "video")} changed.`);
    await refresh();
  },

  async playlist(ids) {
    const { choosePlaylist } = await import("./playlist_chooser.js");
    if (await choosePlaylist(ids)) chosen.none();
  },

  async delete(ids) {
    await remove({ videos: ids });
    await refresh();
  },
};

bar?.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-do]");
  if (!button || bar.ariaBusy === "true") return;
  button.closest("details")?.removeAttribute("open");
  bar.ariaBusy = "true";
  try {
    await acts[button.dataset.do](chosen.ids, button.value);
    if (button.dataset.do !== "playlist") chosen.none();
  } catch (error) {
    toast(sentence(error), "failed");
  } finally {
    bar.ariaBusy = "false";
  }
});

function wrong(name, text) {
  for (const place of dialog.querySelectorAll("[data-wrong]")) {
    place.hidden = place.dataset.wrong !== name;
    place.textContent = place.hidden ? "" : text;
    const field = dialog.querySelector(`[name=${place.dataset.wrong}]`);
    field?.setAttribute("aria-invalid", String(!place.hidden));
    if (field && !place.hidden) field.focus();
  }
}

dialog?.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const [year, genres] = [form.year.value.trim(), form.genres.value.trim()];
  const updates = {
    ...(year ? { year } : {}),
    ...(genres ? { genres: genres.split(",").map((genre) => genre.trim()).filter(Boolean) } : {}),
  };
  if (!year && !genres) return wrong("updates", "Fill in what shall change.");
  if (year && !/^\d{4}$/.test(year)) return wrong("year", "A year has four digits.");
  try {
    const { message } = await ask("PUT", "/api/videos/bulk/edit", { video_ids: chosen.ids, updates });
    wrong("", "");
    dialog.close();
    form.reset();
    chosen.none();
    toast(message);
    await refresh();
  } catch (error) {
    wrong("updates", sentence(error));
  }
});
