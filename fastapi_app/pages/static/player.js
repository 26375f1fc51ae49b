// The player dialog of player_macros.html: a queue of films, previous and next, and what went wrong.
//
// A click on a link [data-play] plays it; its queue are all such links within the nearest [data-queue], else on the page.
// `play(queue, at, options)` plays a queue of { id, title, artist, year, source } from elsewhere.

let plyr = null;
let shown = null;

const hasModifier = (event) => event.ctrlKey || event.metaKey || event.altKey;
const film = (link) => ({ id: link.id, title: link.dataset.title, artist: link.dataset.artist, year: link.dataset.year, source: link.href });

// Plays `queue[at]`; with `continuous` the next film follows by itself. `played(film)` hears of each.
export function play(queue, at = 0, { continuous = false, played = () => {} } = {}) {
  shown?.begin(queue, at, { continuous, played });
}

function loaded(element, address) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", resolve, { once: true });
    element.addEventListener("error", () => reject(new Error(`${address} is missing`)), { once: true });
    document.head.append(element);
  });
}

// The player is larger than the page: it is fetched with the first video. `dataset` names script and style.
export async function fetchPlyr({ script, style }) {
  if (globalThis.Plyr) return;
  await Promise.all([
    loaded(Object.assign(document.createElement("link"), { rel: "stylesheet", href: style }), style),
    loaded(Object.assign(document.createElement("script"), { src: script }), script),
  ]);
}

document.addEventListener("alpine:init", () => {
  globalThis.Alpine.data("player", () => ({
    title: "",
    subtitle: "",
    source: "",
    problem: "",
    place: "",
    hasPrevious: false,
    hasNext: false,

    init() {
      // Not in what Alpine watches: the queue may be long.
      this.$root.films = { queue: [], at: -1, continuous: false, played: () => {} };
      shown = this;
    },

    choose(event) {
      const link = event.target.closest("[data-play]");
      if (!link || event.button !== 0 || event.shiftKey || hasModifier(event)) return;
      event.preventDefault();
      const holder = link.closest("[data-queue]") ?? document;
      const links = [...holder.querySelectorAll("[data-play]")];
      this.begin(links.map(film), links.indexOf(link), { continuous: "continuous" in (holder.dataset ?? {}), played: () => {} });
    },

    begin(queue, at, options) {
      this.$root.films = { queue, at, ...options };
      this.show();
    },

    async show() {
      const dialog = this.$root;
      const video = this.$refs.video;
      const films = dialog.films;
      const { queue, at, played } = films;
      const current = queue[at];
      this.describe(current);
      if (!dialog.open) dialog.showModal();
      try {
        await fetchPlyr(dialog.dataset);
      } catch {
        // The browser's own controls play as well.
      }
      if (!dialog.open || dialog.films !== films || films.at !== at) return;
      if (globalThis.Plyr && !plyr) plyr = new globalThis.Plyr(video, this.options());
      if (!dialog.contains(document.activeElement) || document.activeElement === dialog) this.focus();
      video.src = current.source;
      video.play().catch(() => {});
      played(current);
    },

    focus() {
      (this.$root.querySelector("[data-plyr=play]") ?? this.$refs.video).focus();
    },

    describe({ title, artist, year, source }) {
      const { queue, at } = this.$root.films;
      this.title = title;
      this.subtitle = year ? `${artist} · ${year}` : artist;
      this.source = source;
      this.problem = "";
      this.place = queue.length > 1 ? `${at + 1} of ${queue.length}` : "";
      this.hasPrevious = at > 0;
      this.hasNext = at < queue.length - 1;
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
        controls: ["play-large", "play", "progress", "current-time", "duration", "mute", "volume", "captions", "settings", "pip", "fullscreen"],
        settings: ["captions", "speed", "loop"],
        keyboard: { focused: true, global: true },
      };
    },

    step(distance) {
      const { films } = this.$root;
      if (!films.queue[films.at + distance]) return;
      films.at += distance;
      this.show();
    },

    previous() {
      this.step(-1);
    },

    next() {
      this.step(1);
    },

    ended() {
      if (this.$root.films.continuous) this.next();
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
      const { queue, at } = this.$root.films;
      video.pause();
      video.removeAttribute("src");
      video.load();
      document.getElementById(queue[at]?.id)?.focus();
      this.$root.films = { queue: [], at: -1, continuous: false, played: () => {} };
    },
  }));
});
