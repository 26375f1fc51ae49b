// The dialog "Add to a playlist" of playlist_macros.html, wherever videos can be chosen.

import { ask, sentence } from "./asking.js";
import { toast } from "./toasts.js";

const AT_ONCE = 500;
const SHOWN = 50;
const PAUSE = 200;

const dialog = document.getElementById("playlist-chooser");
const part = (name) => dialog?.querySelector(`[data-${name}]`);
const search = document.getElementById("chooser-search");
const videos = (count) => `${count.toLocaleString()} ${count === 1 ? "video" : "videos"}`;

let ids = [];
let settle = null;
let waiting = 0;
let asked = 0;

function told(text) {
  part("wrong").textContent = text;
  part("wrong").hidden = !text;
  document.getElementById("chooser-name").setAttribute("aria-invalid", String(Boolean(text)));
}

function line(playlist) {
  const item = part("line").content.firstElementChild.cloneNode(true);
  const button = item.querySelector("button");
  const has = playlist.has_video === true;
  item.querySelector("strong").textContent = playlist.name;
  item.querySelector("small").textContent = has ? "In it already" : videos(playlist.video_count);
  button.disabled = has;
  button.addEventListener("click", () => add(playlist));
  return item;
}

// The playlists that this visitor may fill by hand, those changed last first.
async function list() {
  const turn = ++asked;
  const query = { can_modify: "true", is_dynamic: "false", per_page: SHOWN, sort: "updated_at", order: "desc", search: search.value.trim() };
  if (ids.length === 1) query.video_id = ids[0];
  try {
    const { playlists } = await ask("GET", `/api/playlists/?${new URLSearchParams(query)}`);
    if (turn !== asked) return;
    part("list").replaceChildren(...playlists.map(line));
    part("none").hidden = playlists.length > 0;
    part("none").textContent = query.search ? "No playlist is called so." : "You have no playlist yet. Name one below.";
  } catch (error) {
    part("none").hidden = false;
    part("none").textContent = sentence(error);
  }
}

async function put(playlist) {
  const sum = { added_count: 0, skipped_count: 0 };
  for (let first = 0; first < ids.length; first += AT_ONCE) {
    const done = await ask("POST", `/api/playlists/${playlist.id}/videos`, { video_ids: ids.slice(first, first + AT_ONCE) });
    for (const name of Object.keys(sum)) sum[name] += done[name];
  }
  return sum;
}

async function add(playlist) {
  if (dialog.ariaBusy === "true") return;
  dialog.ariaBusy = "true";
  try {
    const { added_count, skipped_count } = await put(playlist);
    const there = skipped_count ? `, ${skipped_count.toLocaleString()} there already` : "";
    toast(`${videos(added_count)} added to ${playlist.name}${there}.`);
    close({ playlist_id: playlist.id, name: playlist.name, added_count, skipped_count });
  } catch (error) {
    told(sentence(error));
  } finally {
    dialog.ariaBusy = "false";
  }
}

function close(result) {
  settle?.(result);
  settle = null;
  if (dialog.open) dialog.close();
}

// Asks where to put the videos with these ids, and puts them there. Null where somebody thought better of it, else
// {playlist_id, name, added_count, skipped_count}.
export function choosePlaylist(chosen) {
  ids = [...chosen];
  search.value = "";
  dialog.querySelector("form").reset();
  told("");
  part("what").textContent = ids.length === 1 ? "" : `${videos(ids.length)} selected`;
  part("list").replaceChildren();
  dialog.showModal();
  search.focus();
  list();
  return new Promise((resolve) => { settle = resolve; });
}

dialog?.addEventListener("close", () => close(null));
dialog?.addEventListener("click", ({ target }) => target === dialog && dialog.close());
search?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(list, PAUSE);
});
part("new")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = event.target.elements.name.value.trim();
  if (!name) return told("Give it a name.");
  try {
    add(await ask("POST", "/api/playlists/", { name }));
  } catch (error) {
    told(sentence(error));
  }
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-add-to-playlist]");
  if (button) choosePlaylist([Number(button.dataset.addToPlaylist)]);
});
