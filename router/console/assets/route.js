// Pure: what can be said of one route as the API gives it.

import { percentage } from "./numbers.js";

export const STAGES = ["legacy", "shadow", "canary", "modern", "retired"];
const STUCK_AFTER = 7 * 86_400_000;

export const TRIPS = {
  burst: "faults in a row",
  rate: "too many faults",
  sequential: "more faults than legacy",
  latency: "slower than legacy",
  contract: "more refusals than legacy",
};

// The parts of a template: text, and parameters with their braces.
export const parts = (template) => template.split(/(\{[^}]*\})/).filter(Boolean);

export const isShared = ({ owner }) => owner === "both";

// "canary 5 %".
export const stepText = ({ stage, percent }) => (percent === null || percent === undefined ? stage : `${stage} ${percentage(percent)}`);

// What a step is ordered by.
export const height = ({ stage, percent }) => STAGES.indexOf(stage) * 1000 + (percent ?? 0);

export const stepAfter = (steps, route) => steps.find((step) => height(step) > height(route) && step.stage !== "retired") ?? null;
export const stepsBefore = (steps, route) => steps.filter((step) => height(step) < height(route)).reverse();

// Why somebody should look at it: [{ kind, text }], the worst first.
export function attention(route, now) {
  const found = [];
  if (route.latch) found.push({ kind: "latched", text: "rolled back" });
  if (route.agreement?.findings) found.push({ kind: "findings", text: `${route.agreement.findings} ${route.agreement.findings === 1 ? "finding" : "findings"}` });
  if (route.demands === "laxer") found.push({ kind: "laxer", text: "modern asks less" });
  if (isStuck(route, now)) found.push({ kind: "stuck", text: "no step for a week" });
  return found;
}

function isStuck({ owner, stage, updated_at: since }, now) {
  return owner === "both" && (stage === "shadow" || stage === "canary") && now - Date.parse(since) > STUCK_AFTER;
}

export const faultShare = (side) => (side?.requests ? side.faults / side.requests : null);
