// What MvTV plays: films in an order that the server knows, a part of it here.

const AHEAD = 10;
const BEHIND = 100;

// `ask(cursor)` fetches a part of the order, {films, more}; `more` goes on behind `films`, null at the end.
export class Queue {
  constructor(films, more, ask) {
    this.films = films;
    this.more = more;
    this.ask = ask;
    this.place = 0;
    this.filling = null;
    this.order = 0;
  }

  // From now on in another order: `films`, the current one first.
  restart(films, more) {
    Object.assign(this, { films, more, place: 0, order: this.order + 1 });
  }

  get current() {
    return this.films[this.place];
  }

  // Those that come, the current one first.
  get coming() {
    return this.films.slice(this.place);
  }

  // Fetches until enough is known of what comes; once at a time.
  fill() {
    this.filling ??= this.fetch().finally(() => { this.filling = null; });
    return this.filling;
  }

  async fetch() {
    const { order } = this;
    while (this.more !== null && this.films.length - this.place <= AHEAD) {
      const { films, more } = await this.ask({ after: this.more });
      if (order !== this.order) return;
      this.films.push(...films);
      this.more = more;
    }
    const spare = this.place - BEHIND;
    if (spare > 0) {
      this.films.splice(0, spare);
      this.place -= spare;
    }
  }

  // To the next film, behind the last to the first. Answers it; undefined where there is none at all.
  async forward() {
    await this.fill();
    if (this.place + 1 >= this.films.length) {
      const { films, more } = await this.ask({});
      this.films.push(...films);
      this.more = more;
    }
    if (this.place + 1 < this.films.length) this.place += 1;
    return this.current;
  }

  // To the film before; the very first stays.
  async back() {
    if (this.place === 0 && this.current) {
      const { films } = await this.ask({ before: this.current.id });
      this.films.unshift(...films);
      this.place = films.length;
    }
    if (this.place > 0) this.place -= 1;
    return this.current;
  }

  // To a film that is here.
  jump(id) {
    const place = this.films.findIndex((film, at) => at >= this.place && film.id === id);
    if (place >= 0) this.place = place;
    return this.current;
  }

  // Takes out a film that comes, because it can't be played.
  drop(id) {
    this.films = this.films.filter((film, at) => at <= this.place || film.id !== id);
  }
}
