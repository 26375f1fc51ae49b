// What may be done to routes: the question each asks, and what it tells the API.

import { detailOf, Refusal, tell } from "./api.js";
import { question } from "./dialog.js";
import { h } from "./dom.js";
import { moved, pill, prose, routeName } from "./marks.js";
import { percentage, plural } from "./numbers.js";
import { height, isShared, stepAfter, stepsBefore, stepText } from "./route.js";

const DAY = 86_400_000;
const LONGEST_WAIVER = 90;

const WHAT_HAPPENS = {
  legacy: () => "Legacy answers every visitor.",
  shadow: () => "Legacy answers every visitor. Some requests are copied to modern afterwards, and the answers compared.",
  canary: (percent) => `${percent === null ? "A share" : percentage(percent)} of the visitors get modern's answers, and each stays on one side. It takes itself back if modern fails.`,
  modern: () => "Modern answers every visitor. It takes itself back if modern fails.",
  retired: () => "Modern answers every visitor for good: legacy's handler may be deleted. This can't be rolled back.",
};

const reason = (kept, hint = "It goes into the history, with your name.") =>
  ({ name: "reason", label: "Reason", value: kept.reason ?? "", required: true, maxlength: 10_000, hint, focus: true });

// `state()` is what api/state gave last, `refresh()` looks again, `toast(text)` says what was done.
export class Acts {
  constructor({ state, refresh, toast }) {
    Object.assign(this, { state, refresh, toast });
  }

  routes(keys) {
    return this.state().routes.filter((route) => keys.includes(route.key) && isShared(route));
  }

  async promote(keys, kept = {}) {
    const routes = this.routes(keys);
    if (!routes.length) return this.toast("Only routes that both sides have can be promoted.");
    const detail = await detailOf(routes[0].key);
    const epoch = this.state().epoch;
    let groups = steps(routes, detail.steps);
    if (!groups.length) return this.toast("There is no step above.");
    const only = routes.length === 1 ? detail.next : null;
    const left = routes.length - groups.reduce((sum, { keys: those }) => sum + those.length, 0);
    let isRefused = false;
    const send = ({ reason: why, ungated }) => this.inTurn(groups, (group, at) => ["moves", { keys: group.keys, ...group.step, reason: why, epoch: at, gated: !ungated }], epoch);
    return this.done(await question({
      title: title("Promote", routes),
      say: ({ ungated }) => [
        groups.map(({ step, keys: those }) => [
          h("p.change", {}, routes.length === 1 ? moved(routes[0], step) : [plural(those.length, "route"), " to ", pill(step)]),
          h("p.faint", {}, WHAT_HAPPENS[step.stage](step.percent)),
        ]),
        left > 0 && h("p.faint", {}, `${plural(left, "route")} can go no higher and stay.`),
        only && !ungated && !isRefused && verdict(only),
      ],
      fields: [reason(kept), { name: "ungated", label: "Go without the gate", type: "checkbox", hint: "The history will say that no gate was asked." }],
      button: "Promote",
      send,
      refused: () => (isRefused = true),
      explain: (refusal, tools) => this.refused(refusal, {
        ...tools, epoch, keys, look: (values) => this.promote(keys, values),
        without: (refusedKeys) => {
          groups = groups.map((group) => ({ ...group, keys: group.keys.filter((key) => !refusedKeys.includes(key)) })).filter((group) => group.keys.length);
          return groups.length > 0;
        },
      }),
    }));
  }

  async rollback(keys, kept = {}) {
    const routes = this.routes(keys);
    if (!routes.length) return this.toast("Only routes that both sides have can be rolled back.");
    const detail = await detailOf(routes[0].key);
    const highest = routes.reduce((one, other) => (height(other) > height(one) ? other : one));
    const lower = stepsBefore(detail.steps, highest);
    if (!lower.length) return this.toast("There is no step below.");
    const options = lower.map((step) => [stepText(step), stepText(step)]).reverse();
    const chosen = (to) => lower.find((step) => stepText(step) === to);
    return this.done(await question({
      title: title("Roll back", routes),
      say: ({ to }) => [
        h("p.change", {}, routes.length === 1 ? moved(routes[0], chosen(to)) : [plural(routes.length, "route"), " to ", pill(chosen(to))]),
        h("p.faint", {}, WHAT_HAPPENS[chosen(to).stage](chosen(to).percent), " It holds at once, and no gate is asked."),
      ],
      fields: [{ name: "to", label: "Back to", options, value: options[0][0] }, reason(kept)],
      button: "Roll back",
      danger: true,
      send: ({ to, reason: why }) => tell("rollbacks", { keys: keysOf(routes), stage: chosen(to).stage, percent: chosen(to).percent, reason: why }).then(moves),
      explain: (refusal, tools) => this.refused(refusal, { ...tools, keys }),
    }));
  }

  async set(keys, kept = {}) {
    const routes = this.routes(keys);
    if (!routes.length) return this.toast("Only routes that both sides have can be moved.");
    const epoch = this.state().epoch;
    const [{ stage, percent }] = routes;
    return this.done(await question({
      title: title("Set the stage of", routes),
      say: (to) => [
        routes.length === 1 && h("p.change", {}, moved(routes[0], step(to))),
        h("p.faint", {}, WHAT_HAPPENS[to.stage](step(to).percent), " The history will say that no gate was asked."),
        routes.some(({ latch }) => latch) && h("p.warned", {}, "It forgets that the route took itself back, and lets it be promoted again."),
      ],
      fields: [
        { name: "stage", label: "Stage", value: kept.stage ?? stage, options: ["legacy", "shadow", "canary", "modern", "retired"].map((one) => [one, one]) },
        { name: "percent", label: "Visitors on modern, %", type: "number", min: 0, max: 100, step: 0.001, value: kept.percent ?? percent ?? 5, when: (to) => to.stage === "canary", required: true, hint: "0 to 100" },
        reason(kept),
      ],
      button: "Set",
      send: (to) => tell("moves", { keys: keysOf(routes), ...step(to), reason: to.reason, epoch, gated: false }).then(moves),
      explain: (refusal, tools) => this.refused(refusal, { ...tools, epoch, keys, look: (values) => this.set(keys, values) }),
    }));
  }

  async mirror(keys, kept = {}) {
    const routes = this.routes(keys);
    if (!routes.length) return this.toast("Only routes that both sides have can be mirrored.");
    const epoch = this.state().epoch;
    return this.done(await question({
      title: title("Mirror", routes),
      say: () => h("p.faint", {}, "This share of the requests is copied to modern after legacy has answered, and the two answers are compared. No visitor waits for it."),
      fields: [
        { name: "percent", label: "Requests to copy, %", type: "number", min: 0, max: 100, step: 0.001, value: kept.percent ?? routes[0].mirror, hint: "0 to 100. Empty: what the stage has by default." },
        reason(kept),
      ],
      button: "Set the mirror",
      send: ({ percent, reason: why }) => tell("mirror", { keys: keysOf(routes), percent, reason: why, epoch }).then(moves),
      explain: (refusal, tools) => this.refused(refusal, { ...tools, epoch, keys, look: (values) => this.mirror(keys, values) }),
    }));
  }

  async auto(key) {
    const detail = await detailOf(key);
    const on = !detail.auto;
    return this.done(await question({
      title: title(on ? "Move unattended:" : "Move by hand:", [detail]),
      say: () => h("p", {}, on ? "The route goes up by itself, one step whenever its gate allows it, and takes itself back if modern fails." : "The route stays where it is until somebody promotes it. It still takes itself back if modern fails."),
      fields: [],
      button: on ? "Let it move by itself" : "Stop moving by itself",
      send: () => tell("auto", { key, on }).then(() => (on ? "It moves by itself now." : "It moves by hand now.")),
    }));
  }

  async waive(key, field, kind) {
    const on = (days) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
    return this.done(await question({
      title: `Waive ${field}`,
      say: () => h("p.faint", {}, "The difference is accepted until that day: it counts against no promotion of ", h("b", {}, key), ", and then it counts again."),
      fields: [
        { name: "class", label: "Accept", options: [[kind, `this class of difference (${kind})`], ["", "any difference of this field"]], value: kind },
        { name: "expires", label: "Until", type: "date", value: on(30), min: on(1), max: on(LONGEST_WAIVER), required: true, hint: `At most ${LONGEST_WAIVER} days` },
        reason({}, "Why the difference does no harm"),
      ],
      button: "Waive",
      send: ({ class: of, expires, reason: why }) => tell("waivers", { key, field, class: of || null, reason: why, expires }).then(() => `${field} is waived until ${expires}.`),
    }));
  }

  async withdraw(key, id, field) {
    return this.done(await question({
      title: `Withdraw the waiver of ${field}`,
      say: () => h("p.faint", {}, "The difference counts against promotions again, at once."),
      fields: [reason({})],
      button: "Withdraw",
      send: ({ reason: why }) => tell("waivers/withdraw", { key, id, reason: why }).then(() => "The waiver is withdrawn."),
    }));
  }

  async kill() {
    const on = !this.state().killed;
    const sure = { name: "sure", label: "Send every visitor of every route to legacy, now", type: "checkbox", required: true };
    return this.done(await question({
      title: on ? "Kill switch" : "Let the flags decide again",
      say: () => h("p", {}, on ? "Legacy answers every route that it has, on all workers, whatever the stages say. The stages stay as they are, and hold again once the switch is off. Mirrors stop." : "Every route goes back to the stage that the table shows, on all workers, at once."),
      fields: [reason({}), ...(on ? [sure] : [])],
      button: on ? "Switch to legacy" : "Switch off",
      danger: on,
      send: ({ reason: why, sure: isSure }) => {
        if (on && !isSure) throw new Refusal(400, { error: "Tick this to go on.", field: "sure" });
        return tell("kill", { on, reason: why }).then(() => (on ? "The kill switch is on." : "The kill switch is off."));
      },
    }));
  }

  // Several moves, each at the epoch that the one before left behind. A refusal says what was done already.
  async inTurn(groups, request, epoch) {
    const texts = [];
    for (const group of groups) {
      const answer = await tell(...request(group, epoch)).catch((refusal) => {
        if (texts.length) refusal.message = `${texts.join(" ")} Then: ${refusal.message}`;
        throw refusal;
      });
      ({ epoch } = answer);
      texts.push(moves(answer));
    }
    return texts.join(" ");
  }

  async done(text) {
    if (text === null || text === undefined) return;
    this.toast(text);
    await this.refresh();
  }

  refused(refusal, { again, end, values, epoch, keys, look, without }) {
    if (refusal.body.missing) return missing(refusal, { again, without, several: keys.length > 1 });
    if (refusal.body.epoch === undefined || !look) return null;
    const before = this.routes(keys);
    const changes = h("ul.reasons", {});
    const button = h("button.button", { type: "button" }, "Look again");
    button.addEventListener("click", () => {
      const kept = values();
      end(null);
      look(kept);
    });
    this.refresh().then(() => changes.append(...changed(before, this.routes(keys))));
    return [h("p", {}, `${refusal.message} (Epoch ${epoch} when this was opened, ${refusal.body.epoch} now.)`), changes, button];
  }
}

function changed(before, after) {
  const now = new Map(after.map((route) => [route.key, route]));
  const found = before.filter((route) => stepText(now.get(route.key) ?? route) !== stepText(route))
    .map((route) => h("li", {}, `${route.key} was ${stepText(route)} and is ${stepText(now.get(route.key))}.`));
  return found.length ? found : [h("li", {}, "What you see of these routes is up to date now.")];
}

function missing(refusal, { again, without, several }) {
  const refused = Object.entries(refusal.body.missing);
  const skip = h("button.button", { type: "button" }, "Promote without these");
  skip.addEventListener("click", () => (without(refused.map(([key]) => key)) ? again() : skip.replaceWith("No route is left.")));
  return [
    h("p", {}, refusal.message),
    refused.map(([key, texts]) => [several && h("h3", {}, routeName(key)), h("ul.reasons.missing", {}, texts.map((text) => h("li", {}, prose(text))))]),
    several && without?.([]) && skip,
  ];
}

const verdict = ({ allowed, missing: texts }) =>
  allowed ? h("p.verdict.allowed", {}, "The gate allows it.") : [h("p.verdict.refused", {}, "The gate refuses it as things are:"), h("ul.reasons.missing", {}, texts.map((text) => h("li", {}, prose(text))))];

// Routes by the step that comes after theirs.
function steps(routes, ladder) {
  const groups = new Map();
  for (const route of routes) {
    const to = stepAfter(ladder, route);
    if (!to) continue;
    const group = groups.get(stepText(to)) ?? { step: { stage: to.stage, percent: to.percent }, keys: [] };
    group.keys.push(route.key);
    groups.set(stepText(to), group);
  }
  return [...groups.values()].sort((one, other) => height(one.step) - height(other.step));
}

const keysOf = (routes) => routes.map(({ key }) => key);
const step = ({ stage, percent }) => ({ stage, percent: stage === "canary" ? percent : null });
const title = (verb, routes) => `${verb} ${routes.length === 1 ? routes[0].key : plural(routes.length, "route")}`;

function moves({ rows, skipped = [] }) {
  const passed = skipped.map(({ key, why }) => `${key}: ${why}`).join(" ");
  if (!rows.length && skipped.length) throw new Refusal(409, { error: `Nothing was changed. ${passed}` });
  return `${plural(rows.length, "route")} changed.${skipped.length ? ` ${plural(skipped.length, "route")} skipped. ${passed}` : ""}`;
}
