// Follows the flags: by a stream of events, and by asking every five seconds while there is none.

const ASK_EVERY = 5000;
const SILENCE = 20_000;
const GAP = 4000;
const STREAM_AGAIN = 15_000;

export class Live {
  // `look()` fetches what is shown and resolves when it is there. `tell("connecting" | "live" | "polling")` says how.
  constructor(look, tell) {
    this.look = look;
    this.tell = tell;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.stop() : this.start()));
    addEventListener("pagehide", () => this.stop());
    addEventListener("pageshow", ({ persisted }) => persisted && this.start());
    addEventListener("online", () => this.start());
  }

  start() {
    this.stop();
    this.tell("connecting");
    this.refresh();
    this.listen();
  }

  // A hidden page holds no stream: browsers allow six to a host, and servers have better use for theirs.
  stop() {
    this.stream?.close();
    for (const timer of [this.again, this.silence]) clearTimeout(timer);
    clearInterval(this.asking);
    this.asking = null;
  }

  listen() {
    const stream = new EventSource("api/events");
    this.stream?.close();
    this.stream = stream;
    const news = () => {
      clearInterval(this.asking);
      this.asking = null;
      this.tell("live");
      this.watch(SILENCE);
      this.refresh();
    };
    stream.addEventListener("epoch", news);
    stream.addEventListener("figures", news);
    // A server ends its streams now and then, and the browser asks for the next one by itself.
    stream.onerror = () => stream === this.stream && (stream.readyState === EventSource.CLOSED ? this.poll() : this.watch(GAP));
    this.watch(SILENCE);
  }

  // A stream can die without a word. Figures come every five seconds.
  watch(most) {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.poll(), most);
  }

  poll() {
    this.tell("polling");
    this.stream.close();
    clearTimeout(this.silence);
    this.asking ??= setInterval(() => this.refresh(), ASK_EVERY);
    clearTimeout(this.again);
    this.again = setTimeout(() => this.listen(), STREAM_AGAIN);
    this.refresh();
  }

  // One question at a time; what is asked for meanwhile is asked once more afterwards, and waited for.
  refresh() {
    this.wanted = true;
    this.running ??= this.ask().finally(() => (this.running = null));
    return this.running;
  }

  async ask() {
    while (this.wanted) {
      this.wanted = false;
      await this.look();
    }
  }
}
