"use strict";
// Forms that speak JSON to the API: data-send is the method, data-done what the page says afterwards.

const UNREACHABLE = "The server can't be reached. Try again in a moment.";

function tell(form, text) {
  const problem = form.querySelector(".form-error");
  problem.textContent = text;
  problem.hidden = !text;
}

async function send(form) {
  const method = form.dataset.send;
  const options = { method, headers: { "Content-Type": "application/json" } };
  if (method !== "DELETE") options.body = JSON.stringify(Object.fromEntries(new FormData(form)));
  const answer = await fetch(form.action, options);
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.error ?? "The server could not answer. Try again in a moment.");
  return told;
}

function show(key) {
  const panel = document.getElementById("new-key");
  panel.querySelector(".secret").textContent = key;
  panel.hidden = false;
  panel.scrollIntoView({ block: "center" });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.send) return;
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  tell(form, "");
  try {
    const told = await send(form);
    form.reset();
    if (told.key) show(told.key);
    else location.assign(`${location.pathname}?done=${form.dataset.done}`);
  } catch (error) {
    tell(form, error instanceof TypeError ? UNREACHABLE : error.message);
  } finally {
    button.disabled = false;
  }
});
