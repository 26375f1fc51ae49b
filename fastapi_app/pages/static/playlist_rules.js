// The rules of a dynamic playlist: what they find is shown while they are written.

import { ask, base, Refused, sentence } from "./asking.js";

const PAUSE = 350;
const PICTURES = 8;
const LISTS = ["artist_names", "genres", "words"];
const NUMBERS = ["year_from", "year_to", "added_within_days", "limit"];

const form = document.getElementById("rule-form");
const preview = document.getElementById("preview");
const wrong = form.querySelector("[data-wrong]");
const id = document.getElementById("playlist").dataset.id;
const rest = JSON.parse(form.dataset.rest);

// Words between commas; quotes keep a comma in one.
const members = (text) => [...text.matchAll(/"([^"]*)"|([^,"]+)/g)].map(([, quoted, plain]) => (quoted ?? plain).trim()).filter(Boolean);

function lists(prefix = "") {
  const pairs = LISTS.map((name) => [name, members(form.elements[prefix + name].value)]);
  return Object.fromEntries(pairs.filter(([, found]) => found.length));
}

// A number as a number; what is none as it is, so that the server says what is wrong with it.
const number = (text) => (/^\d+$/.test(text) ? Number(text) : text);

function criteria() {
  const { elements } = form;
  const numbers = NUMBERS.map((name) => [name, elements[name].value.trim()]).filter(([, text]) => text);
  const status = [...form.querySelectorAll("[name=status]:checked")].map(({ value }) => value);
  const exclude = { ...rest.exclude, ...lists("exclude_") };
  return {
    ...rest,
    ...lists(),
    ...Object.fromEntries(numbers.map(([name, text]) => [name, number(text)])),
    ...(status.length ? { status } : {}),
    ...(elements.has_file.value ? { has_file: elements.has_file.value === "yes" } : {}),
    ...(Object.keys(exclude).length ? { exclude } : { exclude: undefined }),
    match: elements.match.value,
    sort: elements.sort.value,
    order: elements.order.value,
  };
}

// What is wrong stands at its field, where the error names one: `filter_criteria.year_to must be …`.
function tell(error) {
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  wrong.hidden = !error;
  if (!error) return;
  const [, named, what] = /^filter_criteria\.(\S+) (.*)$/.exec(error.message) ?? [];
  const field = named && form.elements[named.replace("exclude.", "exclude_")];
  const label = field?.labels?.[0]?.textContent;
  wrong.textContent = label ? `${label}: ${what}.` : sentence(error);
  field?.setAttribute?.("aria-invalid", "true");
}

function picture({ id: video, title, artist_name: artist, has_thumbnail: has }) {
  const item = document.createElement("li");
  item.title = `${title} by ${artist}`;
  if (has) item.append(Object.assign(new Image(96, 54), { src: `${base}/api/videos/${video}/thumbnail`, alt: "" }));
  item.append(Object.assign(document.createElement("span"), { textContent: title, dir: "auto" }));
  return item;
}

let turn = 0;
async function look() {
  const mine = ++turn;
  preview.ariaBusy = "true";
  try {
    const told = await ask("POST", "/api/playlists/dynamic/preview", { filter_criteria: criteria(), limit: PICTURES });
    if (mine !== turn) return;
    const { total_matches: total, preview_videos: videos } = told.preview;
    tell(null);
    preview.querySelector("[data-total]").textContent = total === 1 ? "1 video fits" : `${total.toLocaleString()} videos fit`;
    preview.querySelector("[data-pictures]").replaceChildren(...videos.map(picture));
  } catch (error) {
    if (mine === turn) tell(error);
  } finally {
    if (mine === turn) preview.ariaBusy = "false";
  }
}

let waiting = 0;
form.addEventListener("input", ({ target }) => {
  if (target.name === "auto_update") return;
  clearTimeout(waiting);
  waiting = setTimeout(look, PAUSE);
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await ask("PUT", `/api/playlists/${id}/filters`, { filter_criteria: criteria(), auto_update: form.elements.auto_update.checked });
    location.assign(`${location.pathname}?done=change`);
  } catch (error) {
    tell(error instanceof Refused ? error : new Error(sentence(error)));
    form.querySelector("[aria-invalid=true]")?.focus();
  }
});

// Suggestions for the last of several genres.
let genres = null;
for (const field of form.querySelectorAll("[data-suggest]")) {
  field.addEventListener("input", async () => {
    genres ??= ask("GET", "/api/genres").then(({ video_genres: names }) => names).catch(() => []);
    const [, before = ""] = /^(.*,\s*)?[^,]*$/.exec(field.value) ?? [];
    const options = (await genres).map((name) => Object.assign(document.createElement("option"), { value: before + name }));
    document.getElementById("rule-genre-names").replaceChildren(...options);
  });
}

const panel = document.getElementById("rules");
if (panel.open) look();
panel.addEventListener("toggle", () => panel.open && look());
