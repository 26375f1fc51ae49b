// Forms with data-act: sent without leaving the page, answered by a toast. Without scripts they are plain forms.

import { toast } from "./toasts.js";

const UNREACHABLE = "The server can't be reached. Try again in a moment.";
const UNANSWERED = "The server could not answer. Try again in a moment.";

// A field is called action, too: `form.action` would be that field.
async function send(form, button) {
  const answer = await fetch(form.getAttribute("action"), {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(Object.fromEntries(new FormData(form, button))),
  });
  if (answer.status === 401) location.reload();
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.error ?? UNANSWERED);
  return told;
}

// `done(action, job)` is called after each success; the job is null where it wasn't about one.
export function listen(done) {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!("act" in form.dataset)) return;
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    try {
      const { message, job } = await send(form, event.submitter);
      toast(message);
      if ("reset" in form.dataset) form.reset();
      done(event.submitter?.value, job);
    } catch (error) {
      toast(error instanceof TypeError ? UNREACHABLE : error.message, "failed");
    } finally {
      form.ariaBusy = "false";
    }
  });
}
