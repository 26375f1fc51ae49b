// The table of routes: rows are made once and changed in place.

import { fill, h, hidden, icon, merge } from "./dom.js";
import { pill, method, template, when } from "./marks.js";
import { count, duration, NONE, plural, share } from "./numbers.js";
import { attention, isShared, TRIPS } from "./route.js";

const COLUMNS = [
  ["method", "Method", ""],
  ["template", "Route", ""],
  ["owner", "Owner", "Which side has a handler"],
  ["stage", "Stage", "How far it has moved"],
  ["requests", "Requests", "of the last minutes, legacy above modern"],
  ["faults", "Faults", "The share of answers that were 5xx. Sorted by modern's."],
  ["p50", "p50", "Half of the answers were quicker. Sorted by modern's."],
  ["p95", "p95", "95 % of the answers were quicker. Sorted by modern's."],
  ["agreement", "Agreement", "The share of mirrored requests that both sides answered alike"],
];

export function head(view, allSelected) {
  const sorted = (name) => (view.sort === name ? (view.down ? "descending" : "ascending") : null);
  const cell = ([name, label, title]) =>
    h("th", { role: "columnheader", class: `c-${name}`, "aria-sort": sorted(name), scope: "col" },
      h("button.sort", { type: "button", "data-act": "sort", "data-value": name, title: title || null },
        label, view.sort === name && icon(view.down ? "down" : "up")));
  const all = h("input", { type: "checkbox", "data-act": "select-all", "aria-label": "Select all shown routes", checked: allSelected });
  return h("tr", { role: "row" },
    h("th.c-select", { role: "columnheader", scope: "col" }, h("label.check", {}, all)),
    COLUMNS.slice(0, 4).map(cell),
    h("th.c-side", { role: "columnheader", scope: "col" }, hidden("Side")),
    COLUMNS.slice(4).map(cell));
}

export class Rows {
  constructor(body) {
    this.body = body;
    this.shown = new Map();
    this.keys = [];
  }

  // Shows `routes` in this order. `at` is { now, selected: Set, opened, current }: keys.
  show(routes, at) {
    const wanted = new Set(routes.map(({ key }) => key));
    for (const [key, { element }] of this.shown) {
      if (wanted.has(key)) continue;
      element.remove();
      this.shown.delete(key);
    }
    const focused = document.activeElement;
    routes.forEach((route, place) => {
      const element = this.row(route, at);
      if (this.body.children[place] !== element) this.body.insertBefore(element, this.body.children[place] ?? null);
    });
    if (focused !== document.activeElement && focused?.isConnected && this.body.contains(focused)) focused.focus({ preventScroll: true });
    this.keys = routes.map(({ key }) => key);
  }

  row(route, { now, selected, opened, current }) {
    const signs = [selected.has(route.key), opened === route.key, current === route.key];
    const latched = route.latch && when(route.latch.at, now).textContent;
    const signature = JSON.stringify([route, signs, latched]);
    const known = this.shown.get(route.key);
    if (known?.signature === signature) return known.element;
    const fresh = row(route, now, ...signs);
    if (known) merge(known.element, fresh);
    const element = known?.element ?? fresh;
    this.shown.set(route.key, { element, signature });
    return element;
  }

  element(key) {
    return this.shown.get(key)?.element ?? null;
  }
}

function row(route, now, isSelected, isOpened, isCurrent) {
  const attributes = {
    role: "row", "data-key": route.key, tabindex: isCurrent ? "0" : "-1", "aria-selected": String(isSelected),
    "aria-current": isOpened ? "true" : null, class: route.latch ? "latched" : null,
  };
  const box = h("input", { type: "checkbox", tabindex: "-1", "data-act": "select", "aria-label": `Select ${route.key}`, checked: isSelected });
  const link = h("a", { href: `?route=${encodeURIComponent(route.key)}`, tabindex: "-1", "data-act": "open" }, template(route.template));
  return h("tr", attributes,
    cell("select", h("label.check", {}, box)),
    cell("method", method(route.method)),
    h("th.c-template", { role: "rowheader", scope: "row" }, link, route.group && h("span.tag.group", { title: "These routes move a visitor together" }, route.group)),
    cell("owner", route.owner),
    cell("stage", stage(route, now)),
    figures(route),
    cell("agreement", agreement(route)));
}

const cell = (name, ...children) => h(`td.c-${name}`, { role: "gridcell" }, ...children);

function stage(route, now) {
  if (!isShared(route)) return h("span.only", {}, `only ${route.owner} has it`);
  const notes = [route.latch && h("span.alarm", {}, icon("back"), "rolled back: ", TRIPS[route.latch.trip] ?? route.latch.trip, route.latch.at && [", ", when(route.latch.at, now)])];
  notes.push(...attention(route, now).filter(({ kind }) => kind === "laxer" || kind === "stuck").map(({ kind, text }) => h(`span.note.${kind}`, {}, text)));
  if (route.mirrored && isShared(route)) notes.push(h("span.note", {}, `mirror ${route.mirrored} %`));
  if (route.auto) notes.push(h("span.note", { title: "Moves up by itself when its gate allows it" }, "unattended"));
  return [pill(route), h("span.notes", {}, notes)];
}

// Five cells: the names of the sides, then one figure each; legacy stands above modern.
function figures(route) {
  const sides = ["legacy", "modern"].filter((side) => isShared(route) || route.owner === side);
  const column = (name, text) => cell(name, sides.map((side) => h(`span.figure.${side}`, {}, text(route.traffic[side], side))));
  return [
    column("side", (_, side) => side),
    column("requests", (of) => count(of?.requests)),
    column("faults", (of) => fault(of)),
    column("p50", (of) => duration(of?.p50_ms)),
    column("p95", (of) => duration(of?.p95_ms)),
  ];
}

export function fault(side) {
  if (!side?.requests) return NONE;
  const text = share(side.faults, side.requests);
  return side.faults ? h("span", { class: side.faults / side.requests >= 0.01 ? "faulty" : "warned" }, text) : text;
}

function agreement({ agreement: of }) {
  if (!of?.compared) return h("span.faint", {}, NONE);
  return [
    h("span.figure", {}, share(of.alike, of.compared), of.findings > 0 && h("span.tag.found", {}, plural(of.findings, "finding"))),
    h("span.figure.faint", {}, `of ${count(of.compared)}${of.waived ? `, ${count(of.waived)} waived` : ""}`),
  ];
}

export function empty(body, text) {
  fill(body, text);
}
