// The small things that stand for a route, a step or a moment wherever one is named.

import { h, hidden } from "./dom.js";
import { ago, moment } from "./numbers.js";
import { parts, stepText } from "./route.js";

export const pill = (step) => h(`span.pill.${step.stage}`, {}, stepText(step));

export const method = (name) => h("span.method", { class: name.toLowerCase() }, name);

export const template = (text) => h("span.template", {}, parts(text).map((part) => (part.startsWith("{") ? h("var", {}, part) : slashed(part))));

// A long one breaks after a slash.
const slashed = (text) => text.split(/(?<=\/)/).map((part) => (part.endsWith("/") ? [part, h("wbr")] : part));

// Commands stand between backticks in the API's sentences.
export const prose = (text) => text.split("`").map((part, place) => (place % 2 ? h("code", {}, part) : part));

export function routeName(key) {
  const [name, ...rest] = key.split(" ");
  return [method(name), " ", template(rest.join(" "))];
}

export const moved = (from, to) => [pill(from), h("span.arrow", { "aria-hidden": "true" }, "→"), hidden(" to "), pill(to)];

export const when = (text, now) => h("time", { datetime: text, title: moment(text) }, ago(text, now));
