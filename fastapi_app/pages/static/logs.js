// The last lines of what failed: fetched when somebody opens them, and copied by a button.

async function fetched(base, id) {
  try {
    const answer = await fetch(`${base}/api/jobs/${id}`, { headers: { Accept: "application/json" } });
    const { error_log: log } = await answer.json();
    return (log ?? "").trim().split("\n").slice(-20).join("\n") || "Nothing more is known.";
  } catch {
    return "The last lines can't be fetched now.";
  }
}

async function copy(lines) {
  try {
    await navigator.clipboard.writeText(lines.textContent);
    return true;
  } catch {
    // No clipboard outside https: the old way copies what is selected.
    getSelection().selectAllChildren(lines);
    return document.execCommand("copy");
  }
}

export function listen(base, told) {
  document.addEventListener("toggle", async ({ target }) => {
    if (!target.matches?.("details.log[open]")) return;
    const lines = target.querySelector("[data-part=log]");
    if (!lines.textContent) lines.textContent = await fetched(base, target.closest("[data-job]").dataset.job);
  }, true);
  document.addEventListener("click", async ({ target }) => {
    if (!target.matches("[data-copy]")) return;
    const copied = await copy(target.closest("details").querySelector("[data-part=log]"));
    told(copied ? "Copied." : "Select the lines and copy them with the keyboard.");
  });
}
