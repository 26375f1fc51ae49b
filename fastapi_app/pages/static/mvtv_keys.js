// The keys of MvTV. They come before those of every page, but not while somebody types or goes to another page.

const GOING = 1500;
let left = 0;

const isTyping = (element) => element.closest?.("input:not([type=range]), textarea, select, [contenteditable]") != null;

// `acts` are what the keys do, by name.
export function steer(acts) {
  const keys = {
    " ": acts.toggle,
    k: acts.toggle,
    n: acts.next,
    p: acts.previous,
    f: acts.fullscreen,
    m: acts.mute,
    s: acts.shuffle,
    c: acts.cinema,
    Escape: acts.leave,
    ArrowLeft: () => acts.seek(-5),
    ArrowRight: () => acts.seek(5),
    ArrowUp: () => acts.louder(0.05),
    ArrowDown: () => acts.louder(-0.05),
  };
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target) || document.querySelector("dialog[open]")) return;
    const isGoing = Date.now() - left < GOING;
    left = key === "g" ? Date.now() : 0;
    if (isGoing || !Object.hasOwn(keys, key)) return;
    if (key === " " && target.closest?.("button, summary, a")) return;
    if (key.startsWith("Arrow") && (target.matches?.("input[type=range]") || target.closest?.(".guide, .rail"))) return;
    if (key !== "Escape") event.preventDefault();
    keys[key]();
  }, true);
}
