// What was recorded of a route: evidence, and every change with who and why.

import { h } from "./dom.js";
import { moved, pill, routeName, when } from "./marks.js";
import { count } from "./numbers.js";

export function evidence(pieces, now) {
  return h("ul.pieces", {}, pieces.map((piece) => h("li", { "data-key": `${piece.kind} ${piece.at} ${piece.source}` },
    h("details", {},
      h("summary", {}, h("b", {}, piece.kind), " ", when(piece.at, now), h("span.faint", {}, ` ${figures(piece.summary)} epoch ${piece.epoch}${piece.source ? `, ${piece.source}` : ""}`)),
      h("pre.raw", { tabindex: "0" }, JSON.stringify(piece.summary, null, 2))))));
}

const figures = ({ compared, requests }) => (Number.isFinite(compared) ? `${count(compared)} compared,` : Number.isFinite(requests) ? `${count(requests)} requests,` : "");

// `named`: rows of several routes, so each says which.
export function trail(rows, now, { named = false, more = false } = {}) {
  if (!rows.length) return h("p.faint", {}, "Nothing has been changed yet.");
  return [
    h("ol.trail", {}, rows.map((row) => entry(row, now, named))),
    more && h("button.button.small", { type: "button", "data-act": "older", "data-value": rows.at(-1).sequence }, "Older"),
  ];
}

function entry(row, now, named) {
  const before = row.before_stage && { stage: row.before_stage, percent: row.before_percent };
  const after = row.after_stage && { stage: row.after_stage, percent: row.after_percent };
  const details = Object.keys(row.evidence ?? {}).length > 0;
  return h("li", { "data-key": String(row.sequence) },
    named && row.key && h("p.which", {}, h("a", { href: `?route=${encodeURIComponent(row.key)}`, "data-act": "open", "data-route": row.key }, routeName(row.key))),
    h("p", {}, after ? (before ? moved(before, after) : pill(after)) : before && pill(before), !row.gated && h("span.tag", { title: "No gate was asked" }, "ungated")),
    row.reason && h("p.reason", {}, row.reason),
    h("p.faint", {}, row.actor, ", ", when(row.at, now), `, epoch ${row.epoch}`),
    details && h("details", {}, h("summary", {}, "Evidence"), h("pre.raw", { tabindex: "0" }, JSON.stringify(row.evidence, null, 2))));
}
