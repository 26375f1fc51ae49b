// Deleting with a way back: ten seconds in a toast, and as long as the server keeps it on the page of deleted things.

import { ask, sentence } from "./asking.js";
import { toast } from "./toasts.js";

const SECONDS = 10;
const KEY = "deletion";

const count = (number, noun) => (number ? [`${number.toLocaleString()} ${noun}${number === 1 ? "" : "s"}`] : []);
const words = ({ artists, videos }) => `${[...count(artists, "artist"), ...count(videos, "video")].join(" and ")} deleted`;

// Storage may be forbidden: then the toast ends with the page.
function remember(deletion) {
  try {
    if (deletion) sessionStorage.setItem(KEY, JSON.stringify(deletion));
    else sessionStorage.removeItem(KEY);
  } catch {
    return;
  }
}

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

function show(deletion) {
  const seconds = (deletion.until - Date.now()) / 1000;
  if (seconds > 0) toast(deletion.text, "done", { label: "Undo", act: () => restore(deletion), seconds });
  else remember(null);
}

async function restore({ id, page }) {
  remember(null);
  try {
    toast((await ask("POST", `/api/deletions/${id}/restore`)).message);
    setTimeout(() => (page ? location.assign(page) : location.reload()), 600);
  } catch (error) {
    toast(sentence(error), "failed");
  }
}

// Deletes { videos: [ids] } or { artists: [ids], force } and tells. `leave` is an address to go on to, for a page
// about what is gone; undoing leads back to this one. Throws asking.Refused.
export async function remove(what, { leave = "" } = {}) {
  const made = await ask("POST", "/api/deletions", what);
  const page = leave ? location.pathname + location.search : "";
  const deletion = { id: made.id, text: words(made), until: Date.now() + SECONDS * 1000, page };
  remember(deletion);
  if (leave) location.assign(leave);
  else show(deletion);
  return made;
}

const waiting = remembered();
if (waiting) show(waiting);
