// Short messages in the corner. Those with a button stay until they are closed.

import { h, icon } from "./dom.js";

const SHOWN_FOR = 8000;

export function toast(text, { kind = "", act = null } = {}) {
  const close = h("button.button.icon-button.small", { type: "button", "aria-label": "Close the message" }, icon("cross"));
  const shown = h("p.toast", { class: kind }, h("span", {}, text), act, close);
  close.addEventListener("click", () => shown.remove());
  document.getElementById("toasts").append(shown);
  if (!act) leave(shown);
}

function leave(shown) {
  setTimeout(() => (shown.matches(":hover, :focus-within") ? leave(shown) : shown.remove()), SHOWN_FOR);
}
