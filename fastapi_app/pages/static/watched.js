// The page of watched playlists: what its buttons ask of the API, and what went wrong with it.

import { ask, sentence } from "./asking.js";
import { showAll } from "./moments.js";
import { toast } from "./toasts.js";

const PATH = "/api/youtube/playlists/";
const page = document.getElementById("watched");
let current = null;

const words = (text) => text.split(",").map((word) => word.trim()).filter(Boolean);
const found = (count) => (count === 1 ? "1 new video" : `${count.toLocaleString()} new videos`);

// What a form says, as the API takes it.
function body({ elements }) {
  const { name, keywords, quality, auto_download: downloads } = elements;
  return { name: name.value.trim(), keywords: words(keywords.value), quality: quality.value.trim(), auto_download: downloads.checked };
}

// News that survive loading the page again.
function later(text, kind = "done") {
  try {
    sessionStorage.setItem("watched", JSON.stringify({ text, kind }));
  } catch {
    // The page shows it in any case.
  }
  location.reload();
}

function wrong(form, text, field = null) {
  const told = form.querySelector("[data-wrong]");
  told.textContent = text;
  told.hidden = !text;
  for (const each of form.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
}

// Sends a dialog; what the server refuses stands in it, at the field that it names.
function onSubmit(id, send) {
  const form = document.querySelector(`#${id} form`);
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    wrong(form, "");
    try {
      await send(form);
    } catch (error) {
      const field = [...form.elements].find(({ name }) => name && error.message.startsWith(`${name} `));
      wrong(form, sentence(error).replace(/^playlist_url /, "The address "), field);
    } finally {
      form.ariaBusy = "false";
      button.disabled = false;
    }
  });
}

onSubmit("add-watched", async (form) => {
  const address = form.elements.playlist_url;
  if (!address.value.trim()) return wrong(form, "Give the address of a playlist.", address);
  const { sync_results: results } = await ask("POST", PATH, { ...body(form), playlist_url: address.value.trim() });
  const [error] = results.errors;
  later(error ? `It is watched, but could not be looked at: ${error}` : `It is watched: ${found(results.new_videos)}.`, error ? "failed" : "done");
});

onSubmit("edit-watched", async (form) => {
  if (!form.elements.name.value.trim()) return wrong(form, "Give it a name.", form.elements.name);
  await ask("PUT", PATH + current.watch, body(form));
  later("Saved.");
});

onSubmit("delete-watched", async (form) => {
  await ask("DELETE", `${PATH}${current.watch}${form.elements.delete_videos.checked ? "?delete_videos=true" : ""}`);
  later(`${current.name} is watched no longer.`);
});

const acts = {
  async sync(row) {
    row.ariaBusy = "true";
    try {
      const { results } = await ask("POST", `${PATH}${row.dataset.watch}/sync`);
      if (results.errors.length) toast(`${row.dataset.name}: ${results.errors[0]}`, "failed");
      else later(`${row.dataset.name}: ${found(results.new_videos)}.`);
    } finally {
      row.ariaBusy = "false";
    }
  },
  edit({ dataset }) {
    const dialog = document.getElementById("edit-watched");
    const { name, keywords, quality, auto_download: downloads } = dialog.querySelector("form").elements;
    Object.assign(name, { value: dataset.name });
    Object.assign(keywords, { value: dataset.keywords });
    Object.assign(quality, { value: dataset.quality });
    Object.assign(downloads, { checked: dataset.downloads === "yes" });
    wrong(dialog.querySelector("form"), "");
    dialog.showModal();
  },
  delete({ dataset }) {
    const dialog = document.getElementById("delete-watched");
    dialog.querySelector("form").reset();
    dialog.querySelector("[data-name]").textContent = dataset.name;
    dialog.showModal();
  },
};

page.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-do]");
  if (!button) return;
  const row = button.closest(".watch");
  current = row.dataset;
  try {
    await acts[button.dataset.do](row);
  } catch (error) {
    toast(`${row.dataset.name}: ${sentence(error)}`, "failed");
  }
});

document.getElementById("sync-all")?.addEventListener("click", async ({ currentTarget: button }) => {
  button.disabled = true;
  try {
    const { results } = await ask("POST", `${PATH}sync-all`);
    const [error] = results.errors;
    const rest = error ? ` ${error}` : "";
    later(`${results.synced_playlists} of ${results.total_playlists} looked at, ${found(results.total_new_videos)}.${rest}`, error ? "failed" : "done");
  } catch (error) {
    toast(sentence(error), "failed");
    button.disabled = false;
  }
});

try {
  const news = JSON.parse(sessionStorage.getItem("watched"));
  sessionStorage.removeItem("watched");
  if (news) toast(news.text, news.kind);
} catch {
  // Storage is forbidden, or what is in it was not ours.
}
showAll();
