"use strict";
// The library page: search that follows typing, and the player. Without this file the form and the links still work.

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
