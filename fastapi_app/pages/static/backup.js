"use strict";
// Bringing a backup: the file is the body of one request. Everything else on the page is a plain form.

document.getElementById("bring")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const problem = document.getElementById("brought");
  const button = form.querySelector("button");
  button.disabled = true;
  problem.hidden = true;
  try {
    const answer = await fetch(form.dataset.address, {
      method: "POST",
      headers: { "content-type": "application/gzip" },
      body: document.getElementById("file").files[0],
    });
    if (answer.ok) return location.assign(form.dataset.then);
    const body = await answer.json().catch(() => ({}));
    problem.textContent = body.error ?? "The file could not be brought.";
  } catch {
    problem.textContent = "The server can't be reached, or the file is too large.";
  }
  problem.hidden = false;
  button.disabled = false;
});
