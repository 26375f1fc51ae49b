// What stands above the table: the burn-down, how far the move has come, the workers and the switch.

import { counts, drawing } from "./chart.js";
import { h, icon } from "./dom.js";
import { moment, plural, share, span } from "./numbers.js";
import { STAGES } from "./route.js";

export function chart(state, width, pointed) {
  const points = state.burn_down;
  const at = pointed === null ? points.at(-1) : points[pointed];
  return [
    h("div.card-head", {}, h("h2", {}, "Burn-down"), h("span.faint", {}, pointed === null ? "now" : moment(at.at))),
    drawing(points, width, pointed),
    h("ul.legend", {}, STAGES.map((stage) => h("li", {}, h(`span.swatch.${stage}`), stage, " ", h("b", {}, String(at[stage]))))),
    h("details.as-table", {}, h("summary", {}, "As a table"), h("div.scroller", { tabindex: "0", role: "region", "aria-label": "Burn-down as a table" }, counts(points))),
  ];
}

export function totals({ stages, owners }) {
  const moved = stages.modern + stages.retired;
  const all = owners.both + owners.legacy;
  return [
    h("div.card-head", {}, h("h2", {}, "Moved")),
    h("p.big", {}, all ? share(moved, all) : "–", h("span.faint", {}, `${moved} of ${plural(all, "route")}`)),
    h("dl.pairs", {},
      pair("both sides have", owners.both), pair("only legacy has", owners.legacy), pair("only modern has", owners.modern)),
  ];
}

const pair = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, String(value)));

export function workers({ workers: all, here }) {
  const behind = all.filter(({ current }) => !current).length;
  return [
    h("div.card-head", {}, h("h2", {}, "Workers"),
      h("span", { class: behind ? "warned" : "faint" }, behind ? `${behind} of ${all.length} behind` : all.length ? "all up to date" : "none seen")),
    h("ul.workers", { tabindex: "0", "aria-label": "Workers" }, all.map((worker) => h("li", { "data-key": worker.id, class: worker.current ? "fine" : "behind" },
      h("span.dot"),
      h("span.name", { title: worker.id }, `${worker.host} · ${worker.pid}`, worker.id === here && h("span.tag", {}, "here")),
      h("span.epoch", {}, `epoch ${worker.epoch}`),
      h("span.faint", {}, worker.seconds_ago < 4 ? "now" : `${span(worker.seconds_ago)} ago`)))),
  ];
}

export function kill({ killed, you }) {
  const name = killed ? "Let the flags decide again" : "Kill switch";
  return h("button.button", { type: "button", "data-act": "kill", class: killed ? "primary" : "danger", disabled: !you.may_move }, icon("power"), name);
}

// Sentences that concern every route, the worst first.
export function banners({ killed, trouble, frozen }, connection) {
  return [
    connection === "lost" && banner("danger", ["Your login has ended, so this page is no longer up to date. ", h("a", { href: "?" }, "Log in again"), "."]),
    connection === "forbidden" && banner("danger", ["Your account may not look at this page any more."]),
    connection === "unreachable" && banner("danger", ["The console can't be reached. What you see is as it was; it is asked again every few seconds."]),
    killed && banner("danger", ["The kill switch is on: legacy answers every route that it has, whatever the table says."]),
    trouble && banner("danger", [trouble]),
    frozen && banner("warning", ["The flag store has been out of reach for so long that nothing may be promoted."]),
  ];
}

const banner = (kind, text) => h(`p.banner.${kind}`, { "data-key": String(text[0]) }, icon("warning"), h("span", {}, text));
