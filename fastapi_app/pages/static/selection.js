// Choosing on a grid or in a table: boxes, ranges with shift, all with Ctrl or Cmd and A, none with Escape.

const isTyping = (element) => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;

// `root` holds boxes `input[data-pick]` and is the element that stays when its contents are replaced; the bar
// `[data-bulk]` is inside or beside it. `changed(ids)` is called whenever the choice changed.
export class Selection {
  constructor(root, { changed = () => {}, bar = document.querySelector("[data-bulk]") } = {}) {
    this.root = root;
    this.bar = bar;
    this.changed = changed;
    this.last = null;
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("change", () => this.told());
    root.addEventListener("keydown", (event) => this.pressed(event));
    document.addEventListener("keydown", (event) => this.escaped(event));
    bar?.querySelector("[data-all]")?.addEventListener("click", () => this.all());
    bar?.querySelector("[data-none]")?.addEventListener("click", () => this.none());
    new MutationObserver(() => this.told()).observe(root, { childList: true, subtree: true });
    this.told();
  }

  get boxes() {
    return [...this.root.querySelectorAll("input[data-pick]:not(:disabled)")];
  }

  get chosen() {
    return this.boxes.filter((box) => box.checked);
  }

  // The ids of the chosen, as numbers.
  get ids() {
    return this.chosen.map((box) => Number(box.value));
  }

  all() {
    for (const box of this.boxes) box.checked = true;
    this.told();
  }

  none() {
    const hadFocus = this.bar?.contains(document.activeElement);
    for (const box of this.chosen) box.checked = false;
    this.told();
    if (hadFocus) (this.last?.isConnected ? this.last : this.boxes[0])?.focus();
  }

  clicked(event) {
    const box = event.target.closest?.("input[data-pick]");
    if (!box) return;
    const boxes = this.boxes;
    if (event.shiftKey && boxes.includes(this.last)) {
      const [first, last] = [boxes.indexOf(this.last), boxes.indexOf(box)].sort((one, other) => one - other);
      for (const between of boxes.slice(first, last + 1)) between.checked = box.checked;
    }
    this.last = box;
    this.told();
  }

  pressed(event) {
    if (event.key.toLowerCase() !== "a" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (isTyping(event.target) || !this.boxes.length) return;
    event.preventDefault();
    this.all();
  }

  escaped(event) {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (!isTyping(event.target) && this.chosen.length) this.none();
  }

  // The count is in the bar for eyes; what is read out has a place that never hides.
  say(text) {
    this.bar.querySelector("[data-chosen]").textContent = text;
    const aloud = document.getElementById("chosen-aloud");
    if (aloud) aloud.textContent = text || "Nothing selected";
  }

  told() {
    const { boxes, ids } = this;
    const key = `${ids}/${boxes.length}`;
    if (key === this.key) return;
    this.key = key;
    this.root.toggleAttribute("data-choosing", ids.length > 0);
    if (this.bar) {
      this.bar.hidden = ids.length === 0;
      this.say(ids.length ? `${ids.length} of ${boxes.length} selected` : "");
    }
    this.changed(ids);
  }
}
