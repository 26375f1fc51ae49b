// Requests to our own API, and what to say where one fails.

export const UNREACHABLE = "The server can't be reached. Try again in a moment.";
export const UNANSWERED = "The server could not answer. Try again in a moment.";

// Where this site begins, behind a proxy with a prefix too: this file lies in its /static/.
export const base = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

// What the server refused: `message` is for people, `told` the whole answer.
export class Refused extends Error {
  constructor(status, told) {
    super(told.error ?? UNANSWERED);
    this.status = status;
    this.told = told;
  }
}

// The answer to a request, whose path begins behind the prefix. A login that ran out loads the page anew.
export async function ask(method, path, body) {
  const headers = { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
  const answer = await fetch(base + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  if (answer.status === 401) location.reload();
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, told);
  return told;
}

export const sentence = (error) => (error instanceof TypeError ? UNREACHABLE : error.message);
