"use strict";
// The library page: search that follows typing, and the player. Without this file the form and the links still work.

const isTyping = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;
const hasModifier = (event) => event.ctrlKey || event.metaKey || event.altKey;

// A picture that can't be loaded makes way for the plate below it.
document.addEventListener("error", ({ target }) => {
  if (target.matches?.(".poster img")) target.remove();
}, true);
for (const image of document.querySelectorAll(".poster img")) {
  if (image.complete && image.naturalWidth === 0) image.remove();
}

document.addEventListener("keydown", (event) => {
  if (hasModifier(event) || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key !== "/" && event.key !== "s") return;
  event.preventDefault();
  const search = document.getElementById("search");
  search.focus();
  search.select();
});

// Addresses stay short: what the form leaves at its first choice is not written.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.id !== "filters") return;
  for (const control of ctx.sourceElement.elements) {
    if (control instanceof HTMLSelectElement && control.selectedIndex === 0) ctx.request.body.delete(control.name);
  }
  for (const [name, value] of [...ctx.request.body]) if (!value) ctx.request.body.delete(name);
});

// One history entry for a word, not one for each pause while it is typed.
let wasTyped = false;
let isTyped = false;
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  isTyped = ctx.sourceEvent?.type === "input";
});
document.addEventListener("htmx:before:history:update", ({ detail: { history } }) => {
  if (isTyped && wasTyped) history.type = "replace";
  wasTyped = isTyped;
});

// A login that ran out answers with another page: go there instead of swapping it in.
document.addEventListener("htmx:before:response", (event) => {
  const { raw } = event.detail.ctx.response;
  if (!raw.redirected) return;
  event.preventDefault();
  location.assign(raw.url);
});

function report(text) {
  const problem = document.getElementById("problem");
  problem.textContent = text;
  problem.hidden = !text;
}
document.addEventListener("htmx:before:request", () => report(""));
document.addEventListener("htmx:error", () => report("The server can't be reached. Try again in a moment."));
document.addEventListener("htmx:response:error", () => report("The server could not answer. Try again in a moment."));

let plyr = null;

function loaded(element, address) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", resolve, { once: true });
    element.addEventListener("error", () => reject(new Error(`${address} is missing`)), { once: true });
    document.head.append(element);
  });
}

// The player is larger than the page: it is fetched with the first video.
async function fetchPlyr({ script, style }) {
  if (globalThis.Plyr) return;
  await Promise.all([
    loaded(Object.assign(document.createElement("link"), { rel: "stylesheet", href: style }), style),
    loaded(Object.assign(document.createElement("script"), { src: script }), script),
  ]);
}

document.addEventListener("alpine:init", () => {
  Alpine.data("player", () => ({
    title: "",
    subtitle: "",
    source: "",
    problem: "",
    hasPrevious: false,
    hasNext: false,
    current: "",

    choose(event) {
      const poster = event.target.closest("[data-play]");
      if (!poster || event.button !== 0 || event.shiftKey || hasModifier(event)) return;
      event.preventDefault();
      this.show(poster);
    },

    async show(poster) {
      const dialog = this.$root;
      const video = this.$refs.video;
      this.describe(poster);
      if (!dialog.open) dialog.showModal();
      try {
        await fetchPlyr(dialog.dataset);
      } catch {
        // The browser's own controls play as well.
      }
      if (!dialog.open || this.current !== poster.id) return;
      if (globalThis.Plyr && !plyr) plyr = new Plyr(video, this.options());
      (dialog.querySelector("[data-plyr=play]") ?? video).focus();
      video.src = poster.href;
      video.play().catch(() => {});
    },

    describe(poster) {
      const { title, artist, year } = poster.dataset;
      const posters = this.posters();
      const place = posters.indexOf(poster);
      this.current = poster.id;
      this.title = title;
      this.subtitle = year ? `${artist} · ${year}` : artist;
      this.source = poster.href;
      this.problem = "";
      this.hasPrevious = place > 0;
      this.hasNext = place < posters.length - 1;
      this.announce(title, artist);
    },

    announce(title, artist) {
      if (!navigator.mediaSession) return;
      navigator.mediaSession.metadata = new MediaMetadata({ title, artist });
      navigator.mediaSession.setActionHandler("previoustrack", () => this.previous());
      navigator.mediaSession.setActionHandler("nexttrack", () => this.next());
    },

    options() {
      const { icons, blank } = this.$root.dataset;
      return {
        iconUrl: icons,
        blankVideo: blank,
        ratio: "16:9",
        controls: ["play-large", "play", "progress", "current-time", "duration", "mute", "volume", "settings", "pip", "fullscreen"],
        settings: ["speed", "loop"],
        keyboard: { focused: true, global: true },
      };
    },

    posters: () => [...document.querySelectorAll("#results [data-play]")],

    step(distance) {
      const posters = this.posters();
      const place = posters.findIndex((poster) => poster.id === this.current);
      const target = place < 0 ? undefined : posters[place + distance];
      if (target) this.show(target);
    },

    previous() {
      this.step(-1);
    },

    next() {
      this.step(1);
    },

    steer(event) {
      if (hasModifier(event)) return;
      if (event.key === "n") this.next();
      if (event.key === "p") this.previous();
    },

    fail() {
      if (this.$refs.video.getAttribute("src")) this.problem = "This video can't be played: its file is missing or of a kind that this browser does not know.";
    },

    close() {
      this.$root.close();
    },

    closeOutside(event) {
      if (event.target === this.$root) this.close();
    },

    stop() {
      const video = this.$refs.video;
      video.pause();
      video.removeAttribute("src");
      video.load();
      document.getElementById(this.current)?.focus();
      this.current = "";
    },
  }));
});
