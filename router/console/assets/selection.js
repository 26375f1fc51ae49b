// Which routes are selected, by key. A range reaches from the last one that was chosen by itself.

export class Selection {
  constructor() {
    this.keys = new Set();
    this.anchor = null;
  }

  toggle(key) {
    if (!this.keys.delete(key)) this.keys.add(key);
    this.anchor = key;
  }

  // `order`: the keys as they are shown.
  extend(key, order) {
    const [from, to] = [order.indexOf(this.anchor), order.indexOf(key)].sort((one, other) => one - other);
    for (const one of order.slice(from < 0 ? to : from, to + 1)) this.keys.add(one);
    this.anchor = key;
  }

  all(order) {
    const every = order.every((key) => this.keys.has(key));
    for (const key of order) every ? this.keys.delete(key) : this.keys.add(key);
  }

  // Forgets what is no longer there.
  keep(known) {
    for (const key of this.keys) if (!known.has(key)) this.keys.delete(key);
  }

  clear() {
    this.keys.clear();
  }
}
