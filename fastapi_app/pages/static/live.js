// Follows jobs: by WebSocket, and by asking again and again while no socket gets through. Knows nothing of any page.

const SLOWEST = 10_000;
const ASK_EVERY = 2_000;
const SILENCE = 60_000;
const MOST_RESUMED = 1000;
const LOGIN_ENDED = 4401;

export class Live {
  // `page` is told: snapshot(jobs), news(job), gone(ids), state("connecting" | "live" | "polling" | "lost"), leave();
  // it is asked for seen(): the last sequence of what it shows as under way, by id.
  constructor(base, page) {
    this.base = base;
    this.page = page;
    this.failures = 0;
    this.cursor = "";
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    addEventListener("pagehide", () => this.socket?.close());
    addEventListener("pageshow", ({ persisted }) => persisted && this.hurry());
    this.connect();
  }

  connect() {
    clearTimeout(this.retry);
    const address = new URL(`${this.base}/ws/jobs?subscribe=all`, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.socket = socket;
    this.listen();
    socket.onmessage = ({ data }) => socket === this.socket && this.hear(JSON.parse(data));
    socket.onclose = ({ code }) => socket === this.socket && this.closed(code);
  }

  hurry() {
    if (this.socket.readyState >= WebSocket.CLOSING) this.connect();
  }

  // A socket can die without a word, with a router for example.
  listen() {
    clearTimeout(this.silence);
    const socket = this.socket;
    this.silence = setTimeout(() => socket === this.socket && (socket.close(), this.closed(0)), SILENCE);
  }

  hear(message) {
    this.listen();
    if (message.type === "ping") this.send({ type: "pong" });
    else if (message.type === "snapshot") this.begin(message.jobs);
    else if (message.type === "active_jobs") this.page.snapshot(message.jobs);
    else if (message.type === "job_update" || message.type === "job_status") this.page.news(message.data);
    else if (message.type === "resumed") this.page.gone(message.gone);
  }

  // What the page shows as under way and the snapshot lacks has ended meanwhile: the server says how.
  begin(jobs) {
    this.failures = 0;
    this.cursor = "";
    clearTimeout(this.asking);
    const missing = this.missing(jobs).slice(0, MOST_RESUMED);
    this.page.snapshot(jobs);
    if (missing.length) this.send({ type: "resume", jobs: Object.fromEntries(missing) });
    this.page.state("live");
  }

  missing(jobs) {
    const present = new Set(jobs.map((job) => String(job.job_id)));
    return Object.entries(this.page.seen()).filter(([id]) => !present.has(id));
  }

  // Everything under way once more: more was waiting than the page was told of.
  again() {
    this.cursor = "";
    this.send({ type: "get_active_jobs" });
  }

  send(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  closed(code) {
    this.socket = { readyState: WebSocket.CLOSED, close() {} };
    clearTimeout(this.silence);
    if (code === LOGIN_ENDED) return void this.page.leave();
    const pause = Math.min(SLOWEST, 500 * 2 ** this.failures++) * (0.5 + Math.random() / 2);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), pause);
    clearTimeout(this.asking);
    this.ask();
  }

  // While there is no socket: what changed since the last time.
  async ask() {
    try {
      if (!document.hidden) await this.changes();
    } catch {
      if (this.socket.readyState !== WebSocket.OPEN) this.page.state("lost");
    }
    clearTimeout(this.asking);
    if (this.socket.readyState !== WebSocket.OPEN) this.asking = setTimeout(() => this.ask(), ASK_EVERY);
  }

  async changes() {
    const first = !this.cursor;
    const told = await this.get(`/api/jobs/changes${first ? "" : `?since=${encodeURIComponent(this.cursor)}`}`);
    if (this.socket.readyState === WebSocket.OPEN) return;
    this.cursor = told.since;
    if (first) {
      const missing = this.missing(told.jobs);
      this.page.snapshot(told.jobs);
      if (told.complete) this.page.gone(missing.map(([id]) => id));
    } else for (const job of told.jobs) this.page.news(job);
    this.page.state("polling");
    if (!told.complete) await this.changes();
  }

  async get(path) {
    const answer = await fetch(this.base + path, { headers: { Accept: "application/json" } });
    if (answer.status === 401) this.page.leave();
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return answer.json();
  }
}
