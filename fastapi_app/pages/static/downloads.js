// The live queue. Rows that the server wrote are kept and brought up to date; without this file they stay as they are.

import { listen as listenToForms } from "./acts.js";
import { refresh } from "./counts.js";
import { QUEUE, compare, ended, groupOf, hasEnded, isNewer, isShown, texts, utc } from "./jobs.js";
import { Live } from "./live.js";
import { listen as listenToLogs } from "./logs.js";
import { show as showMoment, showAll } from "./moments.js";
import { toast } from "./toasts.js";

const page = document.getElementById("downloads");
const base = page.dataset.base;
const most = Number(page.dataset.most);
const sections = new Map([...page.querySelectorAll("section[id]")].map((section) => [section.id, {
  section,
  body: section.querySelector("tbody"),
  template: section.querySelector("template"),
  total: Number(section.querySelector("[data-count]").textContent),
  isWhole: false,
}]));
const jobs = new Map();
const dirty = new Set();
const news = { completed: [], failed: [] };
let frame = 0;
let recounting = 0;

const later = () => { frame ||= requestAnimationFrame(render); };

function put(job) {
  const known = jobs.get(job.job_id);
  if (job.queue !== QUEUE || !isNewer(job, known)) return;
  const moved = known?.state !== job.state;
  jobs.set(job.job_id, { position: known?.position ?? job.job_id, ...job });
  dirty.add(job.job_id);
  if (moved) recount();
  if (moved && known && groupOf(job) === "done") sections.get("done").total += 1;
  if (moved && known && !hasEnded(known) && job.state in news) news[job.state].push(texts(job).title);
  later();
}

function drop(id) {
  if (jobs.delete(Number(id))) later();
}

// Numbers that the rows here can't tell, because only the first of each group are here.
function recount() {
  recounting ||= setTimeout(async () => {
    recounting = 0;
    const [counts, queues] = await Promise.all([refresh(), live.get("/api/jobs/queues").catch(() => null)]);
    if (counts) count(counts);
    if (queues) showPause(queues.queues.find(({ queue }) => queue === QUEUE));
  }, 500);
}

function count({ running = 0, queued = 0, retrying = 0, paused = 0, failed = 0 }) {
  sections.get("running").total = running;
  sections.get("waiting").total = queued + retrying + paused;
  sections.get("failed").total = failed;
  if (isShort(sections.get("waiting"))) live.again();
  if (isShort(sections.get("failed"))) fetchEnded("failed", "failed");
  later();
}

const isShort = ({ body, total, isWhole }) => isWhole && body.rows.length < Math.min(total, most / 2);

function showPause({ paused, reason }) {
  const banner = document.getElementById("paused");
  banner.hidden = !paused;
  banner.querySelector("[data-reason]").textContent = reason ?? "";
  for (const button of page.querySelectorAll("[data-when]")) button.hidden = (button.dataset.when === "paused") !== paused;
}

async function fetchEnded(name, states) {
  const answer = await live.get(`/api/jobs?queue=${QUEUE}&state=${states}&limit=${most}`).catch(() => null);
  for (const job of answer?.jobs ?? []) put(job);
  sections.get(name).isWhole ||= answer !== null;
  later();
}

function fill(row, job) {
  for (const [part, text] of Object.entries(texts(job))) {
    for (const place of row.querySelectorAll(`[data-part=${part}]`)) {
      if (place.textContent !== text) place.textContent = text;
      if (part === "reason") place.hidden = !text;
    }
  }
  const bar = row.querySelector("progress");
  if (bar) {
    bar.ariaLabel = `Progress of ${texts(job).title}`;
    if (job.percent == null) bar.removeAttribute("value");
    else bar.value = job.percent;
  }
  const moment = row.querySelector("[data-part=ended]");
  if (moment) showMoment(moment, utc(ended(job)));
  row.dataset.state = job.state;
  row.toggleAttribute("data-ending", job.cancel_requested && job.state === "running");
}

function made({ template }, job) {
  const row = template.content.querySelector("tr").cloneNode(true);
  row.id = `job-${job.job_id}`;
  row.dataset.job = job.job_id;
  const id = row.querySelector("[name=job_id]");
  if (id) id.value = job.job_id;
  fill(row, job);
  return row;
}

function arrange(group, shown) {
  const { body, section, isWhole } = group;
  const present = new Map([...body.rows].map((row) => [Number(row.dataset.job), row]));
  const wanted = shown.slice(0, most);
  const keep = new Set(wanted.map((job) => job.job_id));
  for (const [id, row] of present) if (!keep.has(id) && (isWhole || jobs.has(id))) row.remove();
  let place = body.firstElementChild;
  for (const job of wanted) {
    const row = present.get(job.job_id) ?? made(group, job);
    if (present.has(job.job_id) && dirty.has(job.job_id)) fill(row, job);
    if (row === place) place = place.nextElementSibling;
    else body.insertBefore(row, place);
  }
  const rows = body.rows.length;
  const total = isWhole && rows < most && shown.length === rows ? rows : Math.max(group.total, rows);
  section.querySelector("[data-count]").textContent = total;
  section.querySelector("[data-more]").hidden = total <= rows;
  section.querySelector("[data-more-count]").textContent = total - rows;
  section.hidden = !total;
  return total;
}

function render() {
  frame = 0;
  const focused = document.activeElement;
  const now = Date.now();
  const grouped = Object.groupBy([...jobs.values()].filter((job) => isShown(job, now)), groupOf);
  let total = 0;
  for (const [name, group] of sections) {
    const sorted = (grouped[name] ?? []).sort(compare);
    total += arrange(group, sorted);
    if (name === "failed" || name === "done") for (const job of sorted.slice(2 * most)) jobs.delete(job.job_id);
  }
  document.getElementById("nothing").hidden = total > 0;
  dirty.clear();
  refocus(focused);
  announce();
}

// A row that moved, or went to another group, takes the focus along.
function refocus(focused) {
  if (focused === document.activeElement || focused === document.body) return;
  if (focused.isConnected) return focused.focus();
  const row = document.getElementById(`job-${focused.closest("[data-job]")?.dataset.job}`);
  const button = [...row?.querySelectorAll("button") ?? []].find((one) => one.checkVisibility());
  (button ?? document.getElementById("main")).focus();
}

function announce() {
  for (const [state, titles] of Object.entries(news)) {
    const word = state === "failed" ? "failed" : "done";
    if (titles.length) toast(titles.length > 1 ? `${titles.length} downloads ${word}.` : `${titles[0]}: ${word}.`, word);
    titles.length = 0;
  }
}

const WORDS = { connecting: "Connecting", live: "Live", polling: "Every two seconds", lost: "Not connected" };
const LOST = "The connection is lost. This page tries again by itself; what you see may be old.";
const POLLING = "Live news don't get through now. This page asks every two seconds instead.";

function state(word) {
  const sign = document.getElementById("live");
  if (sign.dataset.live === word) return;
  if (word !== "lost") {
    fetchEnded("failed", "failed");
    fetchEnded("done", "completed,cancelled");
    recount();
  }
  sign.dataset.live = word;
  sign.querySelector("[data-live-word]").textContent = WORDS[word];
  const banner = document.getElementById("lost");
  banner.textContent = word === "lost" ? LOST : POLLING;
  banner.hidden = word === "live" || word === "connecting";
}

const live = new Live(base, {
  snapshot(underWay) {
    underWay.forEach(put);
    for (const name of ["running", "waiting"]) sections.get(name).isWhole = true;
    later();
  },
  seen: () => Object.fromEntries([...jobs.values()].filter((job) => !hasEnded(job)).map((job) => [job.job_id, job.seq])),
  news: put,
  gone: (ids) => ids.forEach(drop),
  state,
  leave: () => location.reload(),
});

listenToForms((action, job) => {
  if (job) put(job);
  if (action?.startsWith("clear")) for (const [id, job] of jobs) if (groupOf(job) === action.slice("clear_".length)) drop(id);
  recount();
});
listenToLogs(base, toast);
showAll();

document.addEventListener("keydown", (event) => {
  if (event.key !== "a" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const field = document.getElementById("url");
  if (!field) return;
  event.preventDefault();
  field.focus();
});
