// The page: what the API said, what is looked at, and both as it is shown.

import { fill, h } from "./dom.js";
import { trail } from "./evidence.js";
import { blank, close, frame, title } from "./frame.js";
import { plural } from "./numbers.js";
import * as overview from "./overview.js";
import { attention, STAGES } from "./route.js";
import { Selection } from "./selection.js";
import { head, Rows } from "./table.js";
import { held, isNarrowed, ordered, read, shown } from "./view.js";

export const at = (id) => document.getElementById(id);
export const rows = new Rows(at("rows"));
export const selection = new Selection();
export const wide = matchMedia("(min-width: 60rem)");
export const page = { view: read(location.search), state: null, detail: null, connection: "connecting", current: null, pointed: null, order: [], skew: 0, panel: null, ...opened() };

// The time at the server: clocks of visitors are wrong by minutes.
export const clock = () => Date.now() + page.skew;

// What belongs to the route that is opened, and goes with it.
export function opened() {
  return { detail: null, problem: null, chosen: new Map(), older: [], ended: false };
}

const SAID = { connecting: "Connecting", live: "Live", polling: "No stream: asked every 5 s", lost: "Login ended", forbidden: "Not allowed", unreachable: "Not reachable" };

export function connected(how) {
  page.connection = how;
  at("connection").dataset.is = how;
  at("connection").querySelector(".text").textContent = SAID[how];
  fill(at("banners"), overview.banners(page.state ?? {}, how));
}

export function render() {
  const now = clock();
  const { state, view } = page;
  selection.keep(new Set(state.routes.map(({ key }) => key)));
  fill(at("banners"), overview.banners(state, page.connection));
  at("epoch").textContent = `epoch ${state.epoch}`;
  at("you").textContent = state.you.name;
  renderOverview();
  renderToolbar(now);
  renderTable(now);
  renderPanel(now);
  renderBulk();
  const many = state.routes.filter((route) => attention(route, now).length).length;
  document.title = `${many ? `(${many}) ` : ""}${view.route || (view.page === "history" ? "History" : "Routes")} · Strangler`;
}

function renderOverview() {
  const { state } = page;
  fill(at("switch"), overview.kill(state));
  fill(at("totals"), overview.totals(state));
  fill(at("workers"), overview.workers(state));
  renderChart();
}

export function renderChart() {
  const width = Math.max(240, at("chart").clientWidth - 32);
  fill(at("chart"), overview.chart(page.state, width, page.pointed));
}

export function renderToolbar(now) {
  const { state, view } = page;
  if (document.activeElement !== at("q")) at("q").value = view.q;
  at("owner").value = view.owner;
  const chip = (act, value, pressed, label, many, kind) =>
    h("button.chip", { type: "button", "data-key": value, "data-act": act, "data-value": value, "aria-pressed": String(pressed), class: kind }, label, h("b", {}, String(many)));
  fill(at("stages"), STAGES.map((stage) => chip("stage", stage, view.stage === stage, stage, state.stages[stage], stage)));
  const many = state.routes.filter((route) => attention(route, now).length).length;
  fill(at("attention"), chip("attention", "attention", view.attention, "needs attention", many, many ? "alarm" : ""));
}

// Rows stay where they are while somebody points at them, has one in focus or has selected some.
const isHeld = () => selection.keys.size > 0 || at("rows").matches(":hover") || at("rows").contains(document.activeElement);

export function renderTable(now, sortAgain = false) {
  const { state, view } = page;
  const routes = new Map(state.routes.map((route) => [route.key, route]));
  const keys = ordered(shown(state.routes, view, now), view).map(({ key }) => key);
  page.order = !sortAgain && isHeld() ? held(page.order.filter((key) => routes.has(key)), keys) : keys;
  if (!page.order.includes(page.current)) page.current = page.order[0] ?? null;
  const every = page.order.length > 0 && page.order.every((key) => selection.keys.has(key));
  fill(at("head"), head(view, every));
  rows.show(page.order.map((key) => routes.get(key)), { now, selected: selection.keys, opened: view.route, current: page.current });
  at("found").textContent = isNarrowed(view) ? `${keys.length} of ${plural(routes.size, "route")}` : plural(routes.size, "route");
  at("again").hidden = page.order.join() === keys.join();
  at("table").classList.toggle("nothing", !page.order.length);
  at("empty").hidden = page.order.length > 0;
  if (!page.order.length) fill(at("empty"), nothing(routes.size));
}

function nothing(all) {
  if (all) return [h("h2", {}, "No route fits"), h("p.faint", {}, "Fewer words or another filter may help."), h("button.button", { type: "button", "data-act": "reset" }, "Show all routes")];
  return [h("h2", {}, "There are no routes"), h("p.faint", {}, "Neither application declares one. Give the router a legacy and a modern application, or routes of its own.")];
}

export function renderPanel(now) {
  const { view, detail, state } = page;
  const isOpen = Boolean(view.route || view.page);
  const element = at("panel");
  const key = view.route || view.page;
  if (element.dataset.of !== key) element.replaceChildren();
  element.dataset.of = key;
  element.hidden = !isOpen;
  at("desk").classList.toggle("opened", isOpen);
  for (const rest of [at("main"), document.querySelector(".masthead")]) rest.inert = isOpen && !wide.matches;
  if (!isOpen) return;
  element.setAttribute("aria-label", view.route || "History of all routes");
  const world = { now, you: state.you, chosen: page.chosen, older: page.older, ended: page.ended, stages: new Map(state.routes.map((route) => [route.key, route])) };
  if (view.page === "history") fill(element, history(now));
  else if (detail?.key === view.route && page.panel) fill(element, page.panel(detail, world));
  else fill(element, blank(view.route, page.problem ?? "Looking…"));
}

function history(now) {
  const { trail: found } = page;
  const all = [...(found?.rows ?? []), ...page.older];
  return frame([title("History of all routes"), close()],
    found?.intact === true && h("p.verdict.allowed", {}, "No entry was changed or taken out."),
    found?.intact === false && h("p.verdict.refused", {}, "Entries were changed or taken out by another program."),
    found ? trail(all, now, { named: true, more: found.rows.length >= 50 && !page.ended }) : h("p.faint", {}, "Looking…"));
}

export function renderBulk() {
  const many = selection.keys.size;
  at("bulk").hidden = many === 0;
  if (!many) return;
  const off = !page.state.you.may_move;
  const act = (name, label, kind) => h("button.button", { type: "button", "data-act": name, class: kind, disabled: off }, label);
  fill(at("bulk"), h("b", {}, `${plural(many, "route")} selected`), act("promote", "Promote", "primary"), act("rollback", "Roll back", "danger"), act("set", "Set…"), act("mirror", "Mirror…"),
    h("button.button", { type: "button", "data-act": "clear" }, "Clear"));
}
