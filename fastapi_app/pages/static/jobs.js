// What a job looks like in words, as pages/downloads/ writes it on the server, and which group it is in. Pure.

export const QUEUE = "downloads";
const ATTEMPT = 1_000_000;
const DAY = 24 * 3600 * 1000;
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];
const GROUPS = {
  running: "running", queued: "waiting", retrying: "waiting", paused: "waiting",
  failed: "failed", completed: "done", cancelled: "done",
};
const WORDS = {
  queued: "Waiting", retrying: "Tries again", paused: "Paused", running: "Running",
  completed: "Done", failed: "Failed", cancelled: "Cancelled",
};

export const groupOf = (job) => GROUPS[job.state];
export const hasEnded = (job) => ["failed", "done"].includes(groupOf(job));
export const ended = (job) => job.finished_at ?? job.ts;
export const isShown = (job, now) => groupOf(job) !== "done" || now - Date.parse(utc(ended(job))) < DAY;

// SQLite gives the id of a deleted row to the next one: what was not tried yet comes after what has ended.
export function isNewer(job, known) {
  return !known || job.seq > known.seq || (hasEnded(known) && !hasEnded(job) && job.seq < ATTEMPT);
}

// The server's moments are UTC; older ones don't say so.
export const utc = (moment) => (/(Z|[+-]\d\d:\d\d)$/.test(moment) ? moment : `${moment}Z`);

// Cut off, never rounded up: 99.9 % isn't all.
export function amount(size) {
  if (size == null || size < 0) return "";
  let place = 0;
  let unit = 1;
  while (size >= unit * 1000 && place < UNITS.length - 1) [place, unit] = [place + 1, unit * 1000];
  const tenths = Math.floor((size * 10) / unit);
  const whole = Math.floor(tenths / 10);
  return place && whole < 100 ? `${whole}.${tenths % 10} ${UNITS[place]}` : `${whole} ${UNITS[place]}`;
}

export function length(seconds) {
  if (seconds == null || seconds <= 0) return "";
  const two = (number) => String(number).padStart(2, "0");
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return minutes < 60 ? `${minutes}:${two(rest)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(rest)}`;
}

function progress(done, total) {
  if (done != null && total != null && done >= total) return amount(total);
  return [amount(done), amount(total)].filter(Boolean).join(" of ");
}

// Texts by the name of the place in a row where they stand.
export function texts(job) {
  const tries = ["failed", "retrying"].includes(job.state);
  return {
    title: job.title || (/^(url|search) /.test(job.subject) ? "Untitled" : job.subject),
    artist: job.artist ?? "",
    percent: job.percent == null ? "" : `${Math.floor(job.percent)} %`,
    stage: job.state === "running" && job.cancel_requested ? "ending" : job.stage ?? "",
    speed: job.speed ? `${amount(job.speed)}/s` : "",
    left: length(job.eta),
    size: progress(job.bytes_done, job.bytes_total),
    attempts: job.attempts ? `${job.attempts} of ${Math.max(job.attempts, job.attempt_limit)}` : "",
    priority: String(job.priority),
    word: WORDS[job.state],
    reason: (tries ? job.error_message : job.message) ?? "",
  };
}

// The order within a group: what comes next is above, what ended last is above.
export function compare(one, other) {
  if (hasEnded(one)) return ended(other).localeCompare(ended(one)) || other.job_id - one.job_id;
  if (groupOf(one) === "running") return one.job_id - other.job_id;
  return one.priority - other.priority || one.position - other.position || one.job_id - other.job_id;
}
