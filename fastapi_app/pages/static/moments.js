// Moments in the visitor's own time zone; the server writes UTC.

const NEAR = 20 * 3600 * 1000;
const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "short" });

export function show(element, moment) {
  const date = new Date(moment);
  element.dateTime = moment;
  element.title = full.format(date);
  element.textContent = Date.now() - date < NEAR ? clock.format(date) : full.format(date);
}

export function showAll(root = document) {
  for (const element of root.querySelectorAll("time[datetime]")) show(element, element.dateTime);
}
