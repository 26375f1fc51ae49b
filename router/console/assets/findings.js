// Fields in which the two sides differ, with both values beside each other; and what is accepted.

import { difference } from "./difference.js";
import { h, hidden, icon } from "./dom.js";
import { when } from "./marks.js";
import { count, plural } from "./numbers.js";

const MEANINGS = {
  finding: "counts against modern",
  noise: "noise",
  unsure: "too few requests to tell",
};

const name = ({ field, class: kind }) => `${field} ${kind}`;

export function findings(detail, at) {
  if (detail.findings.length) return detail.findings.map((found) => finding(found, detail.key, at));
  return h("p.faint", {}, detail.agreement?.compared ? `None in ${plural(detail.agreement.compared, "comparison")}.` : "Nothing has been compared yet. Shadow copies requests to modern and compares the answers.");
}

function finding(found, key, { you, now, chosen }) {
  const place = Math.min(chosen.get(name(found)) ?? 0, found.samples.length - 1);
  const sample = found.samples[place];
  return h("article.finding", { "data-key": name(found), class: found.meaning },
    h("header", {},
      h("h4", {}, h("code", {}, found.field), " ", h("span.tag.kind", {}, found.class)),
      h("button.button.small", { type: "button", "data-act": "waive", "data-route": key, "data-field": found.field, "data-class": found.class, disabled: !you.may_move }, "Waive…", hidden(` ${found.field}`))),
    h("p.faint", {}, `${plural(found.raw, "request")} differ, `, found.noise ? `${count(found.noise)} also between two answers of legacy; ` : "", h("span", { class: found.meaning === "finding" ? "warned" : null }, MEANINGS[found.meaning] ?? found.meaning)),
    sample && h("div.sample", {},
      h("p.target", {}, h("code", {}, sample.target ?? ""), " ", sample.at && when(sample.at, now)),
      beside(sample),
      found.samples.length > 1 && h("p.samples", {},
        turn(found, place - 1, "left", "Previous sample", place === 0),
        `${place + 1} of ${found.samples.length}`,
        turn(found, place + 1, "right", "Next sample", place === found.samples.length - 1))));
}

const turn = (found, place, sign, label, disabled) =>
  h("button.button.icon-button.small", { type: "button", "data-act": "sample", "data-finding": name(found), "data-value": place, "aria-label": label, disabled }, icon(sign));

function beside({ control, candidate }) {
  const { left, right } = difference(control, candidate);
  return h("div.beside", {}, column("legacy", left, "del"), column("modern", right, "ins"));
}

function column(side, shown, mark) {
  return h("figure", {},
    h("figcaption", {}, h(`span.side.${side}`, {}, side)),
    h("pre", { tabindex: "0", role: "region", "aria-label": `${side}'s answer` }, shown.map(({ kind, parts }) =>
      h(`span.line.${kind}`, {}, parts.map(({ text, marked }) => (marked ? h(mark, {}, text) : text)), "\n"))));
}

export function waivers({ key, waivers: all }, { you }) {
  return h("ul.waivers", {}, all.map((waiver) => h("li", { "data-key": waiver.id, class: waiver.withdrawn ? "withdrawn" : null },
    h("p", {}, h("code", {}, waiver.field), waiver.class && [" ", h("span.tag.kind", {}, waiver.class)]),
    h("p.faint", {}, `${waiver.owner}: ${waiver.reason}`),
    h("p.faint", {}, waiver.withdrawn ? `withdrawn${waiver.why_withdrawn ? `: ${waiver.why_withdrawn}` : ""}` : `until ${waiver.expires}`, waiver.from === "file" && ", from the file"),
    waiver.from === "console" && !waiver.withdrawn && h("button.button.small", { type: "button", "data-act": "withdraw", "data-route": key, "data-id": waiver.id, "data-field": waiver.field, disabled: !you.may_move }, "Withdraw…"))));
}
