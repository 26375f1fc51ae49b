// One route, opened: where it stands, what may be done with it, and why.

import { trail, evidence } from "./evidence.js";
import { findings, waivers } from "./findings.js";
import { h, hidden, icon } from "./dom.js";
import { close, frame, title } from "./frame.js";
import { method, pill, prose, template, when } from "./marks.js";
import { count, duration, NONE, share } from "./numbers.js";
import { attention, height, isShared, stepText, stepsBefore } from "./route.js";
import { rollback } from "./trip.js";
import { fault } from "./table.js";

// `detail` is what api/route gives; `at` is { now, you, chosen: Map of finding to sample, older: rows, stages: Map of key to route }.
export function panel(detail, at) {
  return frame(bar(detail),
    heading(detail, at),
    detail.latch && section("Rolled back", rollback(detail.latch, at.now), "latch"),
    isShared(detail) && section("Steps", ladder(detail), "steps"),
    isShared(detail) && detail.next && section("The gate", gate(detail.next), "gate"),
    isShared(detail) && acts(detail, at.you),
    section("Both sides", sides(detail), "sides"),
    isShared(detail) && section(`Findings${detail.agreement?.findings ? ` (${detail.agreement.findings})` : ""}`, findings(detail, at), "findings"),
    detail.waivers.length > 0 && section("Waivers", waivers(detail, at), "waivers"),
    detail.sentences.length > 0 && section("In words", h("ul.sentences", {}, detail.sentences.map((text) => h("li", {}, prose(text)))), "words"),
    detail.evidence.length > 0 && section("Evidence", evidence(detail.evidence, at.now), "evidence"),
    section("History", trail([...detail.history, ...at.older], at.now, { more: detail.history.length >= 50 && !at.ended }), "history"));
}

const bar = ({ method: name, template: text }) => [
  title(method(name), " ", template(text)),
  h("button.button.icon-button", { type: "button", "data-act": "step", "data-value": "-1", "aria-label": "Previous route", title: "Previous route (k)" }, icon("up")),
  h("button.button.icon-button", { type: "button", "data-act": "step", "data-value": "1", "aria-label": "Next route", title: "Next route (j)" }, icon("down")),
  close(),
];

const section = (title, content, key) => h(`section.part.${key}`, { "data-key": key, "aria-labelledby": `part-${key}` }, h("h3", { id: `part-${key}` }, title), content);

function heading(detail, { now, stages }) {
  const signs = attention(detail, now).filter(({ kind }) => kind !== "latched");
  return h("div.summary", { "data-key": "summary" },
    h("p.now", {}, isShared(detail) ? pill(detail) : h("span.only", {}, `only ${detail.owner} has it`),
      detail.mirrored > 0 && h("span.note", {}, `mirror ${detail.mirrored} %`),
      detail.auto && h("span.note", {}, "unattended"),
      detail.group && h("span.tag.group", {}, detail.group),
      signs.map(({ kind, text }) => h(`span.note.${kind}`, {}, text))),
    detail.updated_at && h("p.faint", {}, "since ", when(detail.updated_at, now), detail.updated_by && ` by ${detail.updated_by}`, detail.reason && `: ${detail.reason}`),
    detail.relation && detail.relation !== "equal" && isShared(detail) && h("p.faint", {}, `Modern's template is ${detail.relation} than legacy's.`),
    detail.demands && !["same", "equal"].includes(detail.demands) && h("p", { class: detail.demands === "laxer" ? "warned" : "faint" }, demand(detail.demands)),
    detail.requires.length > 0 && h("p.faint", {}, "Needs first: ", detail.requires.map((key, place) => [place > 0 && ", ", h("a", { href: `?route=${encodeURIComponent(key)}`, "data-act": "open", "data-route": key }, key), stages.has(key) && ` (${stepText(stages.get(key))})`])));
}

const demand = (standing) => ({
  laxer: "Modern asks less of its visitors than legacy does: someone may get in who must not.",
  stricter: "Modern asks more of its visitors than legacy does.",
  undeclared: "One side does not declare what it asks of its visitors.",
})[standing] ?? `What modern asks of its visitors, compared with legacy: ${standing}.`;

function ladder(detail) {
  const steps = [...detail.steps];
  if (!steps.some((step) => height(step) === height(detail))) steps.push({ stage: detail.stage, percent: detail.percent });
  steps.sort((one, other) => height(one) - height(other));
  return h("ol.ladder", {}, steps.map((step) => {
    const place = Math.sign(height(step) - height(detail));
    const short = step.stage === "canary" && step.percent !== null ? `${step.percent} %` : step.stage;
    return h("li", { class: `${step.stage} ${place < 0 ? "passed" : place > 0 ? "ahead" : "present"}`, "aria-current": place === 0 ? "step" : null, title: stepText(step) },
      step.stage === "canary" && hidden("canary "), short, step.percent !== null && place === 0 && step.stage === "canary" && h("i", {}, "canary"));
  }));
}

function gate(next) {
  const to = ["to ", pill(next)];
  return [
    h("p", { class: next.allowed ? "verdict allowed" : "verdict refused" }, icon(next.allowed ? "check" : "cross"), next.allowed ? "Allows the step " : "Refuses the step ", to),
    next.missing.length > 0 && [h("h4", {}, "Missing"), h("ul.reasons.missing", {}, next.missing.map((text) => h("li", {}, prose(text))))],
    next.used.length > 0 && [h("h4", {}, "In its favour"), h("ul.reasons.used", {}, next.used.map((text) => h("li", {}, prose(text))))],
  ];
}

function acts(detail, you) {
  const off = !you.may_move;
  const lower = stepsBefore(detail.steps, detail).length > 0;
  const act = (name, label, kind, disabled, key) =>
    h("button.button", { type: "button", "data-act": name, "data-route": detail.key, class: kind, disabled: off || disabled, "aria-keyshortcuts": key || null }, label, key && h("kbd", { "aria-hidden": "true" }, key));
  return h("section.part.acts", { "data-key": "acts", "aria-label": "Change" },
    h("div.buttons", {},
      act("promote", "Promote", "primary", !detail.next, "p"),
      act("rollback", "Roll back", "danger", !lower, "r"),
      act("set", "Set stage…"), act("mirror", "Mirror…"),
      act("auto", detail.auto ? "Unattended off" : "Unattended on")),
    off && h("p.faint", {}, "You may look at this page, and not move routes."));
}

function sides({ traffic, agreement, owner }) {
  const rows = [
    ["Requests", (side) => count(side?.requests)],
    ["Faults (5xx)", (side) => (side?.faults ? [fault(side), h("span.faint", {}, ` ${count(side.faults)}`)] : fault(side))],
    ["p50", (side) => duration(side?.p50_ms), "p50_ms"],
    ["p95", (side) => duration(side?.p95_ms), "p95_ms"],
  ];
  const shown = ["legacy", "modern"].filter((side) => owner === "both" || owner === side);
  if (!traffic.legacy && !traffic.modern) return h("p.faint", {}, "Nobody asked for it in the last minutes.");
  return [
    h("table.sides", {},
      h("thead", {}, h("tr", {}, h("td"), shown.map((side) => h("th", { scope: "col" }, h(`span.side.${side}`, {}, side))), shown.length > 1 && h("th", { scope: "col" }, "difference"))),
      h("tbody", {}, rows.map(([name, text, figure]) => h("tr", {}, h("th", { scope: "row" }, name), shown.map((side) => h("td", {}, text(traffic[side]))), shown.length > 1 && h("td", {}, figure ? ratio(traffic, figure) : ""))))),
    agreement?.compared ? h("p", {}, `${share(agreement.alike, agreement.compared)} of ${count(agreement.compared)} mirrored requests were answered alike.`) : null,
  ];
}

function ratio({ legacy, modern }, figure) {
  const [control, candidate] = [legacy?.[figure], modern?.[figure]];
  if (!control || !candidate) return NONE;
  const times = Math.max(control, candidate) / Math.min(control, candidate);
  if (times < 1.05) return "as quick";
  return candidate < control ? h("span.better", {}, `${times.toFixed(1)}× quicker`) : h("span.warned", {}, `${times.toFixed(1)}× slower`);
}

