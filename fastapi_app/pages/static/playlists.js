// The page of playlists: choosing several, and deleting them. Without this file each can be deleted on its own page.

import { ask, sentence } from "./asking.js";
import "./dialogs.js";
import { Selection } from "./selection.js";
import { toast } from "./toasts.js";

const results = document.getElementById("results");
const confirmation = document.getElementById("delete-playlists");
const chosen = confirmation && new Selection(results);
const playlists = (count) => (count === 1 ? "1 playlist" : `${count.toLocaleString()} playlists`);

async function remove() {
  confirmation.close();
  try {
    const told = await ask("POST", "/api/playlists/bulk/delete", { playlist_ids: chosen.ids });
    if (told.errors) toast(`${told.errors.length} could not be deleted: ${told.errors[0].error}.`, "failed");
    toast(`${playlists(told.deleted_count)} deleted.`);
    const gone = new Set(chosen.ids.filter((id) => !told.errors?.some((error) => Number(error.playlist_id) === id)));
    for (const box of chosen.chosen) if (gone.has(Number(box.value))) box.closest("li").remove();
    if (!results.querySelector(".card")) location.reload();
  } catch (error) {
    toast(sentence(error), "failed");
  }
}

document.querySelector("[data-do=delete]")?.addEventListener("click", () => {
  confirmation.querySelector("[data-count]").textContent = playlists(chosen.ids.length);
  confirmation.showModal();
});
confirmation?.querySelector("[data-confirm]").addEventListener("click", remove);

// What is chosen shows at once; what is typed waits for Enter. Addresses stay short.
const filters = document.getElementById("filters");
filters.addEventListener("change", ({ target }) => target.name !== "q" && filters.requestSubmit());
filters.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value || (name === "sort" && value === "name")) formData.delete(name);
});

document.addEventListener("error", ({ target }) => target.matches?.(".poster img") && target.remove(), true);
