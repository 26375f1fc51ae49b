// The start page, kept up to date: bars move at once, and what begins or ends has the server write its parts anew.

import { listen } from "./acts.js";
import { QUEUE, hasEnded, isNewer, texts } from "./jobs.js";
import { Live } from "./live.js";

const page = document.getElementById("dashboard");
const jobs = new Map();
const PAUSE = 700;
let waiting = 0;

function fill(row, job) {
  for (const [part, text] of Object.entries(texts(job))) {
    const place = row.querySelector(`[data-part=${part}]`);
    if (place) place.textContent = text;
  }
  const bar = row.querySelector("progress");
  if (job.percent == null) bar.removeAttribute("value");
  else bar.value = job.percent;
}

function put(job) {
  const known = jobs.get(job.job_id);
  if (job.queue !== QUEUE || !isNewer(job, known)) return;
  jobs.set(job.job_id, job);
  const row = page.querySelector(`.going[data-job="${job.job_id}"]`);
  if (row && job.state === "running") fill(row, job);
  if (known && known.state !== job.state) renew();
}

// Parts whose words are the same stay, and with them whatever has the focus.
async function written() {
  waiting = 0;
  if (document.hidden) return;
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of fresh.querySelectorAll("[data-live]")) exchange(part);
  for (const part of page.querySelectorAll("[data-live]")) if (!fresh.getElementById(part.id)) part.remove();
}

function exchange(part) {
  const here = document.getElementById(part.id);
  if (!here) return void beside(part);
  if (here.innerHTML === part.innerHTML || here.contains(document.activeElement)) return;
  here.replaceChildren(...part.childNodes);
}

// A part that was not there before: where the server has it, after the one before it.
function beside(part) {
  const before = part.previousElementSibling && document.getElementById(part.previousElementSibling.id);
  if (before) before.after(part);
  else location.reload();
}

function renew() {
  waiting ||= setTimeout(written, PAUSE);
}

new Live(page.dataset.base, {
  snapshot(underWay) {
    const first = jobs.size === 0;
    underWay.forEach(put);
    const shown = page.querySelectorAll(".going").length;
    if (!first || underWay.some(({ queue, state }) => queue === QUEUE && state === "running") !== shown > 0) renew();
  },
  seen: () => Object.fromEntries([...jobs.values()].filter((job) => !hasEnded(job)).map(({ job_id: id, seq }) => [id, seq])),
  news(job) {
    if (job.queue === QUEUE && !jobs.has(job.job_id)) renew();
    put(job);
  },
  gone(ids) {
    for (const id of ids) jobs.delete(Number(id));
    renew();
  },
  state() {},
  leave: () => location.reload(),
});

listen(renew);
document.addEventListener("visibilitychange", renew);
