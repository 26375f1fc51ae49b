// Pure: what of all routes is looked at, and in which order. It lives in the query of the address.

import { attention, faultShare, height, isShared } from "./route.js";

const TEXTS = ["q", "stage", "owner", "route", "page"];
const BLANK = { q: "", stage: "", owner: "", route: "", page: "", attention: false, sort: "template", down: false };

export function read(search) {
  const given = new URLSearchParams(search);
  const sort = given.get("sort") ?? "";
  const down = sort.startsWith("-");
  const column = sort.replace(/^-/, "");
  const isKnown = Object.hasOwn(COLUMNS, column);
  const texts = Object.fromEntries(TEXTS.map((name) => [name, given.get(name) ?? ""]));
  return { ...BLANK, ...texts, attention: given.has("attention"), sort: isKnown ? column : BLANK.sort, down: down && isKnown };
}

export function write(view) {
  const given = new URLSearchParams();
  for (const name of TEXTS) if (view[name]) given.set(name, view[name]);
  if (view.attention) given.set("attention", "1");
  if (view.sort !== BLANK.sort || view.down) given.set("sort", (view.down ? "-" : "") + view.sort);
  const query = given.toString();
  return query ? `?${query}` : "?";
}

export const isNarrowed = ({ q, stage, owner, attention: only }) => Boolean(q.trim() || stage || owner || only);

export function shown(routes, view, now) {
  const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
  return routes.filter((route) => fits(route, view, now) && words.every((word) => text(route).includes(word)));
}

function fits(route, view, now) {
  if (view.stage && !(isShared(route) && route.stage === view.stage)) return false;
  if (view.owner && route.owner !== view.owner) return false;
  return !view.attention || attention(route, now).length > 0;
}

const text = ({ method, template, stage, percent, owner, group, latch }) =>
  `${method} ${template} ${stage} ${percent === null ? "" : `${percent}%`} ${owner} ${group} ${latch ? "rolled back" : ""}`.toLowerCase();

// A column's value; null sorts last either way. Figures are modern's where it has some, else legacy's.
const preferred = ({ traffic }, figure) => figure(traffic.modern) ?? figure(traffic.legacy);
const COLUMNS = {
  method: ({ method }) => method,
  template: ({ template }) => template,
  owner: ({ owner }) => owner,
  stage: (route) => (isShared(route) ? height(route) : null),
  requests: ({ traffic }) => (traffic.legacy?.requests ?? 0) + (traffic.modern?.requests ?? 0) || null,
  faults: (route) => preferred(route, faultShare),
  p50: (route) => preferred(route, (side) => side?.p50_ms ?? null),
  p95: (route) => preferred(route, (side) => side?.p95_ms ?? null),
  agreement: ({ agreement }) => (agreement?.compared ? agreement.alike / agreement.compared : null),
};

export function ordered(routes, { sort, down }) {
  const value = COLUMNS[sort];
  const sign = down ? -1 : 1;
  return routes.map((route) => [value(route), route]).sort(([a, one], [b, other]) => {
    if (a === null || b === null) return (a === null) - (b === null) || byPath(one, other);
    return sign * (a < b ? -1 : a > b ? 1 : 0) || byPath(one, other);
  }).map(([, route]) => route);
}

function byPath(one, other) {
  const [a, b] = [`${one.template} ${one.method}`, `${other.template} ${other.method}`];
  return a < b ? -1 : a > b ? 1 : 0;
}

// The keys to show while rows must stay where they are: those shown before, then what has come since.
export function held(before, keys) {
  const known = new Set(before);
  return [...before, ...keys.filter((key) => !known.has(key))];
}
