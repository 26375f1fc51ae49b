// Trying a key where it is for, before it is saved: every button of the name `try`. The answer stands at its field.

const UNANSWERED = "The server could not answer. Try again in a moment.";
const UNREACHABLE = "The server can't be reached.";

async function answerOf(button) {
  const typed = button.form.elements[button.value].value;
  const body = new URLSearchParams({ try: button.value, [button.value]: typed });
  const answer = await fetch(button.formAction, { method: "POST", headers: { Accept: "application/json" }, body });
  const told = await answer.json().catch(() => ({}));
  return { outcome: told.outcome ?? "refused", message: told.message ?? told.error ?? UNANSWERED };
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[name=try]");
  if (!button) return;
  event.preventDefault();
  const told = document.querySelector(`[data-tried="${button.value}"]`);
  button.disabled = true;
  told.dataset.outcome = "";
  told.textContent = "Asking…";
  try {
    const { outcome, message } = await answerOf(button);
    told.dataset.outcome = outcome;
    told.textContent = message;
  } catch {
    told.textContent = UNREACHABLE;
  } finally {
    button.disabled = false;
  }
});
