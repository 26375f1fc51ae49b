// Links that open or close a dialog do only that; a dialog that the server wrote open becomes a modal one.

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest?.("a[data-opens]")) event.preventDefault();
  if (target.closest?.("a[data-closes]")) event.preventDefault();
});

for (const dialog of document.querySelectorAll("dialog[data-show]")) {
  dialog.removeAttribute("open");
  dialog.showModal();
  dialog.querySelector("[aria-invalid=true]")?.focus();
}
