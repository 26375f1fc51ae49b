// MvTV: plays one film after another. Without this file the first film plays in the browser's own player.

import { ask, base, sentence } from "./asking.js";
import { showCaptions, switchCaptions } from "./captions.js";
import { steer } from "./mvtv_keys.js";
import { Queue } from "./mvtv_queue.js";
import { keepOrder } from "./mvtv_choosing.js";
import { toast } from "./toasts.js";
import { stayAwake } from "./wake.js";

const IDLE = 3000;
const FRESH = 7000;
const PATIENCE = 5;
const MOST_SEED = 2 ** 31 - 2;

const $ = (id) => document.getElementById(id);
const page = $("mvtv");
const screen = $("screen");
const video = $("film");
const { dataset: told } = page;

const wish = { artist: told.artist, genre: told.genre, decade: told.decade, playlist: told.playlist };
let seed = Number(told.seed) || null;
let failures = 0;
let isBusy = false;
let wantsCaptions = false;
let peeked = null;

const filtered = () => Object.entries({ ...wish, seed }).filter(([, value]) => value);
const fetchFilms = (cursor) => ask("GET", `/api/mvtv/queue?${new URLSearchParams([...filtered(), ...Object.entries(cursor)])}`);
const streamOf = ({ id }) => `${base}/api/videos/${id}/stream`;
const pictureOf = ({ id }) => `${base}/api/videos/${id}/thumbnail`;

function written(link) {
  const { film, title, artist, artistId, year, duration } = link.dataset;
  return {
    id: Number(film), title, artist, artist_id: Number(artistId), year: Number(year) || null, duration: Number(duration) || null,
    has_thumbnail: "thumbnail" in link.dataset, is_converted: "converted" in link.dataset,
  };
}

const queue = new Queue([...document.querySelectorAll("#line-up .film")].map(written), Number(told.more) || null, fetchFilms);

// Remembering: the film in the address, the moment in it for this window, the loudness for this browser.

function addressOf(film) {
  const order = seed ? [["seed", seed]] : [["order", "newest"]];
  const chosen = Object.entries(wish).filter(([, value]) => value);
  return `${told.here}?${new URLSearchParams([...chosen, ...order, ["film", film.id]])}`;
}

function kept(storage, key) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null;
  }
}

function keep(storage, key, value) {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    // Forbidden or full: nothing is remembered.
  }
}

const keepMoment = () => queue.current && keep(sessionStorage, "mvtv", { film: queue.current.id, moment: video.currentTime });

// The list beside the screen.

const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const rest = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
};

function lineOf(film) {
  const link = $("line").content.firstElementChild.cloneNode(true);
  link.href = addressOf(film);
  link.dataset.film = film.id;
  link.querySelector("strong").textContent = film.title;
  link.querySelector("small").textContent = film.artist;
  link.querySelector(".film-length").textContent = film.duration ? clock(film.duration) : "";
  if (film.has_thumbnail) link.querySelector(".thumb").append(Object.assign(new Image(80, 45), { src: pictureOf(film), alt: "", loading: "lazy" }));
  return link;
}

function list() {
  const lineUp = $("line-up");
  const focused = lineUp.contains(document.activeElement) ? document.activeElement.dataset.film : null;
  lineUp.replaceChildren(...queue.coming.map((film, place) => {
    const item = document.createElement("li");
    item.className = place ? "" : "playing";
    item.append(lineOf(film));
    return item;
  }));
  lineUp.querySelector(".film").setAttribute("aria-current", "true");
  $("line-end").hidden = queue.more !== null;
  if (focused) (lineUp.querySelector(`[data-film="${focused}"]`) ?? lineUp.querySelector(".film")).focus();
}

// Playing.

function describe(film) {
  const line = film.year ? `${film.artist} · ${film.year}` : film.artist;
  $("card-title").textContent = film.title;
  $("card-line").textContent = line;
  $("told").textContent = `Now: ${film.title} by ${film.artist}`;
  $("whole").textContent = film.duration ? `/ ${clock(film.duration)}` : "";
  document.title = `${film.title} · ${film.artist} - MvTV - MVidarr`;
  history.replaceState(history.state, "", addressOf(film));
  const card = $("card");
  card.classList.add("fresh");
  clearTimeout(card.timer);
  card.timer = setTimeout(() => card.classList.remove("fresh"), FRESH);
  if (!navigator.mediaSession) return;
  const artwork = film.has_thumbnail ? [{ src: pictureOf(film) }] : [];
  navigator.mediaSession.metadata = new MediaMetadata({ title: film.title, artist: film.artist, artwork });
}

async function show(film, moment = 0) {
  video.dataset.film = film.id;
  video.poster = film.has_thumbnail ? pictureOf(film) : "";
  video.src = streamOf(film);
  if (moment) video.currentTime = moment;
  $("trouble").hidden = true;
  describe(film);
  list();
  start();
  const languages = await showCaptions(video, film.id);
  if (video.dataset.film !== String(film.id)) return;
  $("captions").disabled = languages === 0;
  $("captions").ariaPressed = String(switchCaptions(video, wantsCaptions));
  await queue.fill().catch(() => {});
  list();
  peek();
}

async function start() {
  try {
    await video.play();
    $("begin").hidden = true;
  } catch (error) {
    // Browsers let nothing play with sound before somebody touched the page.
    if (error.name === "NotAllowedError") $("begin").hidden = false;
  }
}

// One step at a time, however fast somebody presses. `step` answers the film to show.
async function go(step) {
  if (isBusy) return;
  isBusy = true;
  try {
    const film = await step();
    if (film) show(film);
    else stop("Nothing is left to play.");
  } catch (error) {
    stop(sentence(error));
  } finally {
    isBusy = false;
  }
}

const next = () => go(() => queue.forward());
const previous = () => (video.currentTime > 5 ? Promise.resolve(seekTo(0)) : go(() => queue.back()));

function stop(text) {
  video.pause();
  $("trouble").hidden = false;
  $("trouble").querySelector("p").textContent = text;
}

// Why a film does not play: null where the server can't be reached.
async function reasonOf(film) {
  try {
    const { status } = await fetch(streamOf(film), { method: "HEAD" });
    if (status === 401) location.reload();
    if (status === 404) return "its file is gone";
    return status < 400 ? "this browser can't play it" : "the server could not read it";
  } catch {
    return null;
  }
}

async function skip() {
  const film = queue.current;
  if (video.dataset.film !== String(film?.id)) return;
  const reason = await reasonOf(film);
  if (film !== queue.current) return;
  if (reason === null) return stop("The server can't be reached.");
  toast(`${film.title} was skipped: ${reason}.`, "failed");
  failures += 1;
  if (failures >= PATIENCE) return stop(`${PATIENCE} films in a row could not be played.`);
  next();
}

// The beginning of the next film is fetched before its turn; one that can't be played leaves the list.
function peek() {
  const [, film] = queue.coming;
  if (!film || film.is_converted || peeked?.dataset.film === String(film.id)) return;
  peeked = Object.assign(document.createElement("video"), { preload: "metadata", muted: true });
  peeked.dataset.film = film.id;
  peeked.addEventListener("error", async ({ target }) => {
    const reason = await reasonOf(film);
    if (reason === null || target !== peeked || film === queue.current) return;
    queue.drop(film.id);
    toast(`${film.title} is left out: ${reason}.`, "failed");
    list();
    peek();
  });
  peeked.src = streamOf(film);
}

// What the buttons do.

function seekTo(moment) {
  if (Number.isFinite(video.duration)) video.currentTime = Math.min(Math.max(moment, 0), video.duration - 0.1);
}

function loudness(value) {
  video.volume = Math.min(Math.max(value, 0), 1);
  video.muted = false;
}

async function shuffle() {
  seed = seed ? null : 1 + Math.floor(Math.random() * MOST_SEED);
  $("shuffle").ariaPressed = String(seed !== null);
  const film = queue.current;
  try {
    const { films, more } = await fetchFilms({ after: film.id });
    if (film !== queue.current) return;
    queue.restart([film, ...films], more);
    await queue.fill();
  } catch (error) {
    return toast(sentence(error), "failed");
  }
  keepOrder(seed);
  history.replaceState(history.state, "", addressOf(film));
  list();
  peek();
  toast(seed ? "Shuffled." : "The newest first.");
}

function cinema(on = !page.classList.contains("cinema")) {
  page.classList.toggle("cinema", on);
  for (const beside of document.querySelectorAll(".guide, .rail")) beside.inert = on;
  $("cinema").ariaPressed = String(on);
}

async function wholeScreen() {
  if (document.fullscreenElement) return document.exitFullscreen();
  await screen.requestFullscreen?.().catch(() => cinema(true));
}

async function littleWindow() {
  if (document.pictureInPictureElement) return document.exitPictureInPicture();
  await video.requestPictureInPicture().catch(() => toast("This film has no little window.", "failed"));
}

const toggle = () => (video.paused ? start() : video.pause());
const mute = () => { video.muted = !video.muted; };

const acts = {
  toggle, next, previous, mute, shuffle, cinema: () => cinema(), fullscreen: wholeScreen, window: littleWindow,
  captions() {
    wantsCaptions = !wantsCaptions;
    $("captions").ariaPressed = String(switchCaptions(video, wantsCaptions));
  },
  begin: start,
  seek: (seconds) => seekTo(video.currentTime + seconds),
  louder: (step) => loudness(video.volume + step),
  leave: () => cinema(false),
};

// Idle: it plays, nobody moves, and the keyboard is not among the buttons.

let idling = 0;
function wake() {
  screen.classList.remove("idle");
  clearTimeout(idling);
  idling = setTimeout(() => screen.classList.toggle("idle", !video.paused), IDLE);
}

function follow() {
  const { currentTime, duration } = video;
  const seekable = Number.isFinite(duration) && duration > 0;
  const seek = $("seek");
  seek.disabled = !seekable;
  seek.max = seekable ? duration : 1;
  seek.value = seekable ? currentTime : 0;
  seek.style.setProperty("--done", `${seekable ? (100 * currentTime) / duration : 0}%`);
  seek.ariaValueText = `${clock(currentTime)} of ${clock(seekable ? duration : queue.current?.duration)}`;
  $("now").textContent = clock(currentTime);
  if (seekable) $("whole").textContent = `/ ${clock(duration)}`;
}

function sound() {
  const volume = video.muted ? 0 : video.volume;
  $("volume").value = volume;
  $("volume").style.setProperty("--done", `${100 * volume}%`);
  $("mute").ariaPressed = String(video.muted);
  keep(localStorage, "mvtv-sound", { volume: video.volume, muted: video.muted });
}

function state() {
  const button = $("toggle");
  button.dataset.state = video.paused ? "paused" : "playing";
  button.querySelector("[data-word]").textContent = video.paused ? "Play" : "Pause";
  stayAwake(!video.paused);
  wake();
}

for (const id of ["toggle", "next", "previous", "mute", "shuffle", "cinema", "fullscreen", "window", "captions", "begin"]) {
  $(id).addEventListener("click", () => acts[id]());
}
$("trouble").querySelector("button").addEventListener("click", () => {
  failures = 0;
  go(async () => queue.current ?? queue.forward());
});
$("seek").addEventListener("input", ({ target }) => seekTo(Number(target.value)));
$("volume").addEventListener("input", ({ target }) => loudness(Number(target.value)));
$("line-up").addEventListener("click", (event) => {
  const link = event.target.closest(".film");
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(async () => queue.jump(Number(link.dataset.film)));
});
document.addEventListener("error", ({ target }) => target.matches?.(".film img") && target.remove(), true);
document.addEventListener("fullscreenchange", () => {
  $("fullscreen").ariaPressed = String(document.fullscreenElement !== null);
  (document.fullscreenElement ?? document.body).append($("toasts"));
});
for (const name of ["pointermove", "pointerdown", "keydown", "focusin"]) document.addEventListener(name, wake);
steer(acts);

video.addEventListener("click", toggle);
video.addEventListener("dblclick", wholeScreen);
video.addEventListener("timeupdate", follow);
video.addEventListener("durationchange", follow);
video.addEventListener("volumechange", sound);
video.addEventListener("play", state);
video.addEventListener("pause", state);
video.addEventListener("ended", next);
video.addEventListener("error", skip);
video.addEventListener("playing", () => {
  failures = 0;
  screen.classList.remove("waiting");
});
video.addEventListener("waiting", () => screen.classList.add("waiting"));
addEventListener("pagehide", keepMoment);
if (navigator.mediaSession) {
  const handlers = { previoustrack: previous, nexttrack: next, play: start, pause: () => video.pause() };
  for (const [name, handler] of Object.entries(handlers)) navigator.mediaSession.setActionHandler(name, handler);
}

video.controls = false;
$("window").hidden = !document.pictureInPictureEnabled;
const loud = kept(localStorage, "mvtv-sound");
if (loud) Object.assign(video, { volume: Math.min(Math.max(Number(loud.volume) || 0, 0), 1), muted: loud.muted === true });
const last = kept(sessionStorage, "mvtv");
keepOrder(seed);
sound();
show(queue.current, last?.film === queue.current.id ? Number(last.moment) || 0 : 0);
