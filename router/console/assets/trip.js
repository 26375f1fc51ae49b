// Why a route took itself back: in a sentence, in numbers, and as it was recorded.

import { h } from "./dom.js";
import { when } from "./marks.js";
import { count, duration, moment, share } from "./numbers.js";
import { stepText } from "./route.js";

export function rollback(latch, now) {
  const { evidence = {} } = latch;
  const told = evidence.modern?.requests !== undefined && evidence.legacy?.requests !== undefined;
  return [
    h("p.lead", {}, "It took itself back from ", h("b", {}, stepText(latch)), latch.at && [" ", when(latch.at, now)], ". ", sentence(latch)),
    h("p.faint", {}, latch.probe_at ? `It tries again by itself once, on ${moment(latch.probe_at)}.` : "It does not try again by itself: somebody must decide."),
    told && tallies(evidence),
    Object.keys(evidence).length > 0 && h("details", { "data-key": "raw" }, h("summary", {}, "As recorded"), h("pre.raw", { tabindex: "0" }, JSON.stringify(evidence, null, 2))),
  ];
}

// Pure. What tripped, with the figure that decided.
export function sentence({ trip, evidence = {} }) {
  const { modern, legacy, last_minute: lately, latency } = evidence;
  switch (trip) {
    case "burst":
      return evidence.faults_in_a_row ? `Modern failed ${evidence.faults_in_a_row} times in a row.` : "Modern failed several times in a row.";
    case "rate":
      return lately ? `In the last minute ${failed("modern", lately.modern)}, ${failed("legacy", lately.legacy)}.` : "Too many of modern's answers failed within a minute.";
    case "sequential":
      return modern && legacy ? `Modern fails more often than legacy: ${failed("modern", modern)}, ${failed("legacy", legacy)}${evidence.e_value ? ` (e-value ${count(evidence.e_value)})` : ""}.` : "Modern fails more often than legacy.";
    case "latency":
      return latency ? `Modern's p95 was ${duration(latency.modern_p95_ms)}, legacy's ${duration(latency.legacy_p95_ms)}.` : "Modern is slower than legacy.";
    case "contract":
      return "Modern refuses requests (4xx) that legacy answers.";
    default:
      return `The rule that tripped is called ${trip}.`;
  }
}

const failed = (name, { requests, faults }) => `${count(faults)} of ${count(requests)} requests failed on ${name}`;

function tallies({ modern, legacy, last_minute: lately }) {
  const rows = [["At this step", modern, legacy], ["Last minute", lately?.modern, lately?.legacy]].filter(([, one, other]) => one && other);
  const cell = ({ requests, faults }) => h("td", {}, `${count(faults)} of ${count(requests)}`, h("span.faint", {}, ` ${share(faults, requests)}`));
  return h("table.sides", {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Faults"), h("th", { scope: "col" }, h("span.side.legacy", {}, "legacy")), h("th", { scope: "col" }, h("span.side.modern", {}, "modern")))),
    h("tbody", {}, rows.map(([name, one, other]) => h("tr", {}, h("th", { scope: "row" }, name), cell(other), cell(one)))));
}
