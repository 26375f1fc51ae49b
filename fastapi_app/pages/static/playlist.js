// The page of one playlist: playing it through, putting it in order, taking videos out, its picture.

import { ask, base, sentence } from "./asking.js";
import "./dialogs.js";
import { play } from "./player.js";
import { arrange } from "./playlist_order.js";
import { Selection } from "./selection.js";
import { toast } from "./toasts.js";

const STRETCH = 100;
const CLOSE_TO_THE_END = 5;
const MOST_SEED = 2 ** 31 - 2;

const page = document.getElementById("playlist");
const id = Number(page.dataset.id);
const queueOf = (query) => ask("GET", `/api/playlists/${id}/queue?${new URLSearchParams({ limit: STRETCH, ...query })}`);

// Playing: a stretch of films, and the next one before it ends.

function follow(films, order, hasNext) {
  let more = hasNext;
  return async (film) => {
    if (!more || films.indexOf(film) < films.length - CLOSE_TO_THE_END) return;
    more = false;
    const told = await queueOf({ ...order, after: films.at(-1).id }).catch(() => null);
    films.push(...(told?.films ?? []));
    more = told?.has_next ?? false;
  };
}

async function playThrough(order) {
  try {
    const { films, has_next: hasNext } = await queueOf(order);
    if (films.length) play(films, 0, { continuous: true, played: follow(films, order, hasNext) });
    else toast("None of these videos has a film yet.", "failed");
  } catch (error) {
    toast(sentence(error), "failed");
  }
}

const filmOf = (link) => ({
  id: Number(link.closest("li").dataset.video), title: link.dataset.title, artist: link.dataset.artist, year: link.dataset.year, source: link.href,
});

function playFrom(link) {
  const links = [...document.querySelectorAll("[data-from]")];
  const films = links.map(filmOf);
  play(films, links.indexOf(link), { continuous: true, played: follow(films, {}, true) });
}

const isPlain = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

document.addEventListener("click", (event) => {
  const { target } = event;
  if (!isPlain(event)) return;
  const link = target.closest?.("#play, #play-shuffled, [data-from]");
  if (!link) return;
  event.preventDefault();
  if (link.matches("[data-from]")) playFrom(link);
  else playThrough(link.id === "play" ? {} : { shuffle: 1 + Math.floor(Math.random() * MOST_SEED) });
});

// The page as the server has it now.

async function renew(answer) {
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of ["summary", "entries"]) document.getElementById(part).replaceWith(fresh.getElementById(part));
  const { offset, total, page: number } = fresh.getElementById("playlist").dataset;
  Object.assign(page.dataset, { offset, total, page: number });
}

async function send(pairs) {
  const answer = await fetch(page.dataset.here, { method: "POST", body: new URLSearchParams([...pairs, ["page", page.dataset.page]]) });
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new Error("That did not work. Load the page again: somebody may have changed the playlist.");
  await renew(answer);
}

async function again() {
  await renew(await fetch(`${page.dataset.here}?page=${page.dataset.page}`));
}

if ("arrange" in page.dataset) {
  const chosen = new Selection(page);
  const acts = {
    async remove() {
      const { ids } = chosen;
      await send([["action", "remove"], ...ids.map((entry) => ["entry", entry])]);
      toast(ids.length === 1 ? "1 video taken out." : `${ids.length} videos taken out.`);
    },
    async top() {
      for (const entry of chosen.ids.reverse()) await ask("POST", `/api/playlists/${id}/videos/reorder`, { entry_id: entry, new_position: 1 });
      await again();
      toast("Moved to the top.");
    },
  };
  for (const button of document.querySelectorAll("[data-bulk] [data-do]")) {
    button.addEventListener("click", () => acts[button.dataset.do]().catch((error) => toast(sentence(error), "failed")));
  }
  arrange(page, { again, failed: (error) => toast(sentence(error), "failed") });
}

// The picture.

const picture = document.getElementById("picture-form");
async function sent(request) {
  const wrong = picture.querySelector("[data-wrong]");
  wrong.hidden = true;
  try {
    await request();
    location.reload();
  } catch (error) {
    wrong.textContent = sentence(error);
    wrong.hidden = false;
  }
}

picture?.addEventListener("submit", (event) => {
  event.preventDefault();
  sent(async () => {
    const answer = await fetch(`${base}/api/playlists/${id}/thumbnail/file`, { method: "POST", body: new FormData(picture) });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(told.error ?? "The picture could not be kept.");
  });
});
picture?.querySelector("[data-forget]")?.addEventListener("click", () => sent(() => ask("POST", `/api/playlists/${id}/thumbnail/upload`, { thumbnail_url: null })));

document.addEventListener("error", ({ target }) => target.matches?.(".poster img") && target.remove(), true);
