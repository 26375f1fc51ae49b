// The burn-down chart: the stages' shares of all routes over time, as steps.

import { h, s } from "./dom.js";
import { moment, span } from "./numbers.js";
import { STAGES } from "./route.js";

const HEIGHT = 132;
const LEFT = 34;
const BOTTOM = 18;
const TOP = 6;

// Pure. The outlines of the areas for a width in pixels: [{ stage, path }], lowest first, with the scales that made them.
export function layout(points, width) {
  const times = points.map(({ at }) => Date.parse(at));
  const [first, last] = [times[0], times.at(-1)];
  const most = Math.max(1, ...points.map(total));
  const x = (time) => LEFT + (last === first ? 1 : (time - first) / (last - first)) * (width - LEFT - 1);
  const y = (routes) => TOP + (1 - routes / most) * (HEIGHT - TOP - BOTTOM);
  const places = times.map(x);
  if (last === first) places[0] = LEFT;
  const edge = (upTo) => points.map((point) => y(STAGES.slice(0, upTo).reduce((sum, stage) => sum + point[stage], 0)));
  const areas = STAGES.map((stage, place) => ({ stage, path: area(places, edge(place), edge(place + 1), x(last)) }));
  return { areas, places, y, most, first, last };
}

const total = (point) => STAGES.reduce((sum, stage) => sum + point[stage], 0);
const near = (number) => Math.round(number * 10) / 10;

// A count holds until the next change, so the edges are steps.
function area(places, low, high, end) {
  const upper = [`M${near(places[0])} ${near(high[0])}`];
  for (let place = 1; place < places.length; place += 1) upper.push(`H${near(places[place])}V${near(high[place])}`);
  const lower = [`H${near(end)}V${near(low.at(-1))}`];
  for (let place = places.length - 1; place > 0; place -= 1) lower.push(`H${near(places[place])}V${near(low[place - 1])}`);
  return `${upper.join("")}${lower.join("")}H${near(places[0])}Z`;
}

export function drawing(points, width, pointed) {
  const { areas, places, y, most, first, last } = layout(points, width);
  const ticks = [...new Set([0, Math.round(most / 2), most])];
  const mark = pointed === null ? null : near(places[pointed]);
  return s("svg.chart", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, "aria-hidden": "true" },
    areas.map(({ stage, path }) => s(`path.area.${stage}`, { d: path })),
    ticks.map((tick) => [
      s("line.grid", { x1: LEFT, x2: width, y1: near(y(tick)), y2: near(y(tick)) }),
      s("text.axis", { x: LEFT - 6, y: near(y(tick)) + 4, "text-anchor": "end" }, String(tick)),
    ]),
    s("text.axis", { x: LEFT, y: HEIGHT - 3 }, last === first ? "" : `${span((last - first) / 1000)} ago`),
    s("text.axis", { x: width, y: HEIGHT - 3, "text-anchor": "end" }, "now"),
    mark !== null && s("line.pointed", { x1: mark, x2: mark, y1: TOP, y2: HEIGHT - BOTTOM }));
}

// The point whose step a place on the drawing is in.
export function pointAt(points, width, place) {
  const { places } = layout(points, width);
  return Math.max(0, places.findLastIndex((one) => one <= place));
}

export function counts(points) {
  const rows = points.map((point) => h("tr", {}, h("th", { scope: "row" }, moment(point.at)), STAGES.map((stage) => h("td", {}, String(point[stage])))));
  return h("table.counts", {},
    h("caption", {}, "Routes at each stage, over time"),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "When"), STAGES.map((stage) => h("th", { scope: "col" }, stage)))),
    h("tbody", {}, rows.reverse()));
}
