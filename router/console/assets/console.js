// What happens: the API is asked, somebody presses or clicks something, and the page is shown anew.

import { ask, detailOf } from "./api.js";
import { pointAt } from "./chart.js";
import { h } from "./dom.js";
import { help, meant } from "./keys.js";
import { Live } from "./live.js";
import { at, clock, connected, opened, page, render, renderBulk, renderChart, renderPanel, renderTable, renderToolbar, rows, selection, wide } from "./page.js";
import { TRIPS } from "./route.js";
import { toast } from "./toasts.js";
import { read, write } from "./view.js";

const live = new Live(look, (connection) => {
  if (!["lost", "forbidden", "unreachable"].includes(page.connection) || connection === "live") connected(connection);
});
// They come when they are first needed, and then stay.
let acts = null;
const doing = () => (acts ??= import("./acts.js").then(({ Acts }) => new Acts({ state: () => page.state, refresh: () => live.refresh(), toast })));

async function look() {
  try {
    const { route } = page.view;
    if (route) page.panel ??= (await import("./panel.js")).panel;
    const [state, detail] = await Promise.all([ask("state"), route ? detailOf(route).catch(absent) : null]);
    if (["lost", "forbidden", "unreachable"].includes(page.connection)) connected(live.asking ? "polling" : "live");
    alarm(page.state, state);
    page.state = state;
    page.skew = Date.parse(state.at) - Date.now();
    if (route === page.view.route) Object.assign(page, { detail: detail?.key ? detail : null, problem: detail?.key ? null : detail?.problem });
    if (page.view.page === "history") page.trail = await ask("history", { limit: 50 });
    render();
  } catch (refusal) {
    if (refusal.status === undefined) throw refusal;
    connected(refusal.isLogin ? "lost" : refusal.status === 403 ? "forbidden" : "unreachable");
  }
}

function absent(refusal) {
  if (refusal.status === 404) return { problem: refusal.message };
  throw refusal;
}

// Says when a route takes itself back while somebody looks.
function alarm(before, after) {
  const known = new Map(before?.routes.map((route) => [route.key, route.latch?.at]));
  for (const { key, latch } of before ? after.routes : []) {
    if (!latch || known.get(key) === latch.at) continue;
    const button = h("button.button.small", { type: "button", "data-act": "open", "data-route": key }, "Look");
    toast(`${key} took itself back: ${TRIPS[latch.trip] ?? latch.trip}.`, { kind: "alarm", act: button });
  }
}

function change(changes, { push = false } = {}) {
  const before = page.view;
  page.view = { ...before, ...changes };
  if (page.view.route !== before.route || page.view.page !== before.page) Object.assign(page, opened());
  window.history[push ? "pushState" : "replaceState"](null, "", write(page.view));
  if (!page.state) return;
  renderToolbar(clock());
  renderTable(clock(), !("route" in changes));
  renderPanel(clock());
}

function open(key, { focus = false } = {}) {
  page.current = key;
  change({ route: key, page: "" }, { push: page.view.route !== key && !(page.view.route || page.view.page) });
  if (focus || !wide.matches) focusPanel();
  rows.element(key)?.scrollIntoView({ block: "nearest" });
  live.refresh();
}

const focusPanel = () => at("panel").querySelector("[data-focus]")?.focus();

function leave() {
  const { view, current } = page;
  if (view.route || view.page) {
    change({ route: "", page: "" });
    (rows.element(view.route || current) ?? at("routes")).focus({ preventScroll: false });
    return;
  }
  selection.clear();
  render();
}

function go(place) {
  const { order } = page;
  if (!order.length) return;
  const key = order[Math.min(order.length - 1, Math.max(0, place))];
  page.current = key;
  if (page.view.route) {
    const inside = at("panel").contains(document.activeElement);
    open(key);
    if (inside) focusPanel();
    else rows.element(key).focus();
    return;
  }
  renderTable(clock());
  const element = rows.element(key);
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
}

// Where a step starts: the first one goes to the first row.
function place() {
  const from = page.view.route || (at("rows").contains(document.activeElement) ? page.current : null);
  return from === null ? -1 : page.order.indexOf(from);
}

// The routes that an act without a name is about.
function meantRoutes() {
  if (selection.keys.size) return page.order.filter((key) => selection.keys.has(key));
  const key = page.view.route || page.current;
  return key ? [key] : [];
}

async function guarded(name, ...given) {
  if (!page.state) return;
  if (!page.state.you.may_move) return void toast("You may look at this page, and not move routes.");
  try {
    await (await doing())[name](...given);
  } catch (refusal) {
    if (refusal.status === undefined) throw refusal;
    toast(refusal.message, { kind: "alarm" });
  }
}

async function older(before) {
  const { route } = page.view;
  const found = await ask("history", { ...(route && { key: route }), before, limit: 50 });
  page.older.push(...found.rows);
  page.ended = found.rows.length < 50;
  renderPanel(clock());
}

function select(key, isRange) {
  if (isRange && selection.anchor) selection.extend(key, page.order);
  else selection.toggle(key);
  page.current = key;
  renderTable(clock());
  renderBulk();
}

function themed() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  try {
    localStorage.setItem("strangler-theme", root.dataset.theme);
  } catch {
    // Storage is forbidden here: the choice lasts as long as the page.
  }
}

const CLICKS = {
  sort: ({ value }) => change({ sort: value, down: page.view.sort === value ? !page.view.down : !["method", "template", "owner", "stage", "agreement"].includes(value) }),
  stage: ({ value }) => change({ stage: page.view.stage === value ? "" : value }),
  attention: () => change({ attention: !page.view.attention }),
  reset: () => change({ q: "", stage: "", owner: "", attention: false }),
  again: () => renderTable(clock(), true),
  clear: () => (selection.clear(), render()),
  "select-all": () => (selection.all(page.order), render()),
  open: ({ route, key }) => open(route ?? key),
  step: ({ value }) => go(place() + Number(value)),
  close: leave,
  history: () => (change({ route: "", page: "history" }, { push: true }), focusPanel(), live.refresh()),
  older: ({ value }) => older(value),
  sample: ({ finding, value }) => (page.chosen.set(finding, Number(value)), renderPanel(clock())),
  theme: themed,
  help,
  promote: ({ route }) => guarded("promote", route ? [route] : meantRoutes()),
  rollback: ({ route }) => guarded("rollback", route ? [route] : meantRoutes()),
  set: ({ route }) => guarded("set", route ? [route] : meantRoutes()),
  mirror: ({ route }) => guarded("mirror", route ? [route] : meantRoutes()),
  auto: ({ route }) => guarded("auto", route),
  waive: ({ route, field, class: kind }) => guarded("waive", route, field, kind),
  withdraw: ({ route, id, field }) => guarded("withdraw", route, id, field),
  kill: () => guarded("kill"),
};

const PRESSES = {
  next: () => go(place() + 1),
  previous: () => go(place() - 1),
  first: () => go(0),
  last: () => go(page.order.length - 1),
  open: () => page.current && open(page.current, { focus: true }),
  select: () => page.current && select(page.current, false),
  range: () => page.current && select(page.current, true),
  promote: () => CLICKS.promote({}),
  rollback: () => CLICKS.rollback({}),
  search: () => at("q").focus(),
  unsearch: () => (document.activeElement.blur(), at("routes").focus()),
  leave,
  help,
};

document.addEventListener("click", (event) => {
  const row = event.target.closest("#rows tr");
  if (row && (event.target.closest(".check") || event.shiftKey)) {
    // A label's click comes again from its box.
    if (event.target.closest("label") && event.target.tagName !== "INPUT" && !event.shiftKey) return;
    if (event.shiftKey) event.preventDefault();
    select(row.dataset.key, event.shiftKey);
    return;
  }
  const target = event.target.closest("[data-act]") ?? row;
  if (!target || target.disabled || event.ctrlKey || event.metaKey) return;
  if (target.tagName === "A") event.preventDefault();
  const act = target.dataset.act ?? "open";
  CLICKS[act]?.({ key: row?.dataset.key, ...target.dataset });
});

// Shift and a click would select text.
document.addEventListener("mousedown", (event) => event.shiftKey && event.target.closest("#rows") && event.preventDefault());

document.addEventListener("keydown", (event) => {
  const act = meant(event);
  if (!act) return;
  event.preventDefault();
  PRESSES[act]();
});

at("toolbar").addEventListener("submit", (event) => event.preventDefault());
at("q").addEventListener("input", ({ target }) => change({ q: target.value }));
at("owner").addEventListener("change", ({ target }) => change({ owner: target.value }));
at("chart").addEventListener("pointermove", (event) => {
  const drawn = event.target.closest("svg.chart");
  if (!drawn || !page.state) return;
  page.pointed = pointAt(page.state.burn_down, drawn.clientWidth, event.clientX - drawn.getBoundingClientRect().left);
  renderChart();
});
at("chart").addEventListener("pointerleave", () => {
  page.pointed = null;
  if (page.state) renderChart();
});
addEventListener("popstate", () => {
  page.view = read(location.search);
  Object.assign(page, opened());
  if (page.state) render();
  live.refresh();
});
new ResizeObserver(([{ borderBoxSize }]) => at("desk").style.setProperty("--toolbar", `${borderBoxSize[0].blockSize}px`)).observe(at("toolbar"));
let resized;
addEventListener("resize", () => {
  cancelAnimationFrame(resized);
  resized = requestAnimationFrame(() => page.state && render());
});
if (!wide.matches) at("overview").open = false;
at("overview").addEventListener("toggle", () => page.state && renderChart());

live.start();
