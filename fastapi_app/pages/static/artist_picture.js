// The dialog about the picture of an artist: another one, a part of it, or none.

import { ask, base, sentence, UNANSWERED } from "./asking.js";

const SMALLEST = 40;
const STEP = 0.02;
let box = null;
let dialog = null;
let artist = 0;

const clamp = (value, least, most) => Math.min(Math.max(value, least), Math.max(least, most));

// `box` is {left, top, side} in pixels of the stored picture; the page shows it in its own size.
function draw(image) {
  const scale = image.clientWidth / image.naturalWidth;
  const { style } = dialog.querySelector(".crop");
  for (const [name, value] of [["left", box.left], ["top", box.top], ["width", box.side], ["height", box.side]]) {
    style[name] = `${value * scale}px`;
  }
}

function change(image, { left = box.left, top = box.top, side = box.side }) {
  const { naturalWidth: width, naturalHeight: height } = image;
  const grown = clamp(side, Math.min(SMALLEST, width, height), Math.min(width - box.left, height - box.top));
  const size = side === box.side ? box.side : grown;
  box = { side: size, left: clamp(left, 0, width - size), top: clamp(top, 0, height - size) };
  draw(image);
}

function follow(event, image) {
  event.preventDefault();
  const area = dialog.querySelector(".crop");
  const begun = { ...box, x: event.clientX, y: event.clientY };
  const isCorner = event.target.matches(".crop-corner");
  const scale = image.naturalWidth / image.clientWidth;
  const moved = ({ clientX, clientY }) => {
    const [x, y] = [(clientX - begun.x) * scale, (clientY - begun.y) * scale];
    change(image, isCorner ? { side: begun.side + Math.max(x, y) } : { left: begun.left + x, top: begun.top + y });
  };
  area.setPointerCapture(event.pointerId);
  area.addEventListener("pointermove", moved);
  area.addEventListener("lostpointercapture", () => area.removeEventListener("pointermove", moved), { once: true });
}

function press(event, image) {
  const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!direction) return;
  event.preventDefault();
  const step = image.naturalWidth * STEP;
  const [x, y] = direction.map((part) => part * step);
  change(image, event.shiftKey ? { side: box.side + x + y } : { left: box.left + x, top: box.top + y });
}

// The largest square in the middle, until somebody moves it.
function begin(image) {
  const side = Math.min(image.naturalWidth, image.naturalHeight);
  box = { side, left: (image.naturalWidth - side) / 2, top: (image.naturalHeight - side) / 2 };
  dialog.querySelector(".cropper").hidden = false;
  draw(image);
}

function complain(text) {
  const place = dialog.querySelector("[data-problem]");
  place.textContent = text;
  place.hidden = !text;
}

async function upload(event) {
  event.preventDefault();
  const answer = await fetch(`${base}/api/artists/${artist}/thumbnail/upload`, { method: "POST", body: new FormData(event.target) });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.error ?? UNANSWERED);
}

function crop() {
  const [left, top] = [Math.round(box.left), Math.round(box.top)];
  const side = Math.floor(box.side);
  return ask("POST", `/api/artists/${artist}/thumbnail/crop`, { crop_box: [left, top, left + side, top + side] });
}

const erase = () => ask("PUT", `/api/artists/${artist}/thumbnail`, { remove_thumbnail: true });

async function doing(act) {
  if (dialog.ariaBusy === "true") return;
  dialog.ariaBusy = "true";
  complain("");
  try {
    await act();
    location.reload();
  } catch (error) {
    complain(sentence(error));
  } finally {
    dialog.ariaBusy = "false";
  }
}

function prepare() {
  const image = dialog.querySelector(".cropper img");
  const area = dialog.querySelector(".crop");
  dialog.querySelector("form").addEventListener("submit", (event) => doing(() => upload(event)));
  dialog.querySelector("[data-picture=remove]")?.addEventListener("click", () => doing(erase));
  const button = dialog.querySelector("[data-picture=crop]");
  if (!button) return;
  button.disabled = true;
  button.addEventListener("click", () => doing(crop));
  area.addEventListener("pointerdown", (event) => follow(event, image));
  area.addEventListener("keydown", (event) => press(event, image));
  image.addEventListener("load", () => {
    begin(image);
    button.disabled = false;
  });
  image.addEventListener("error", () => dialog.querySelector(".cropper").remove());
  addEventListener("resize", () => box && draw(image));
  // Shown before it is loaded: hidden pictures have no size.
  dialog.querySelector(".cropper").hidden = false;
  image.src = image.dataset.address;
}

export function openPicture(element, artistId) {
  if (dialog) return;
  dialog = element;
  artist = artistId;
  prepare();
}
