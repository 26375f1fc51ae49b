// Asks the console's API. Addresses are relative to the page, so that it works under any prefix.

export class Refusal extends Error {
  // `status` 0: nothing answered. `body` is the answer's JSON, or {}.
  constructor(status, body) {
    super(body.error || (status ? `The console answered ${status}.` : "The console can't be reached."));
    this.status = status;
    this.body = body;
  }

  get isLogin() {
    return this.status === 401;
  }
}

export const ask = (path, query = {}) => call(address(path, query), { headers: { Accept: "application/json" } });

export const detailOf = (key) => ask("route", { key });

export function tell(path, body) {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-Strangler-Console": "1" };
  return call(address(path), { method: "POST", headers, body: JSON.stringify(body) });
}

function address(path, query = {}) {
  const text = new URLSearchParams(query).toString();
  return `api/${path}${text ? `?${text}` : ""}`;
}

async function call(path, options) {
  let answer;
  try {
    answer = await fetch(path, { ...options, credentials: "same-origin", cache: "no-store", redirect: "manual" });
  } catch {
    throw new Refusal(0, {});
  }
  // A redirection, to a login page for example, is no answer to this.
  if (answer.type === "opaqueredirect") throw new Refusal(401, {});
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, body ?? {});
  return body;
}
