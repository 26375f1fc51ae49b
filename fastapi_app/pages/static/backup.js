"use strict";
// Bringing a backup: the file is the body of one request. A restore tells in its answer, line by line, how far it is.
// Everything else on the page is a plain form, and so is this without scripts.

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

const part = (name) => document.getElementById(`restoring-${name}`);
const LOST = "The connection is lost. The restore goes on; look here again in a while.";

function begin() {
  const dialog = document.getElementById("restoring");
  part("heading").textContent = "Restoring";
  part("bar").removeAttribute("value");
  for (const name of ["problem", "done", "close"]) part(name).hidden = true;
  for (const name of ["bar", "hint"]) part(name).hidden = false;
  dialog.showModal();
}

function end(problem, text) {
  part("heading").textContent = problem ? "Not restored" : "The library is restored";
  part("bar").hidden = true;
  part("hint").hidden = true;
  part("what").textContent = problem ? "" : text;
  part("problem").textContent = problem;
  part("problem").hidden = !problem;
  part("done").hidden = Boolean(problem);
  part("close").hidden = !problem;
  part(problem ? "close" : "done").focus();
}

function show({ what, done, total, result, error }) {
  if (error) return end(error);
  if (result) return end("", `${result.rows.toLocaleString()} rows and ${result.thumbnails.toLocaleString()} pictures came back. Logins are those of the backup: you may have to log in again.`);
  part("what").textContent = what[0].toUpperCase() + what.slice(1).replaceAll("_", " ");
  if (total) part("bar").value = (100 * done) / total;
  else part("bar").removeAttribute("value");
}

async function follow(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let last = {};
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = (rest + piece.value).split("\n");
    rest = lines.pop();
    for (const line of lines) show((last = JSON.parse(line)));
  }
  if (!last.result && !last.error) end(LOST);
}

// Escape would hide what goes on.
document.getElementById("restoring").addEventListener("cancel", (event) => part("bar").hidden || event.preventDefault());

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!("restores" in form.dataset) || event.submitter?.value !== "restore" || !form.elements.confirm.checked) return;
  event.preventDefault();
  begin();
  try {
    const answer = await fetch(form.getAttribute("action"), {
      method: "POST",
      headers: { Accept: "application/x-ndjson" },
      body: new URLSearchParams(new FormData(form, event.submitter)),
    });
    if (answer.ok && answer.headers.get("content-type")?.startsWith("application/x-ndjson")) await follow(answer.body);
    else end("It was refused. Load this page again, and try once more.");
  } catch {
    end(LOST);
  }
});
