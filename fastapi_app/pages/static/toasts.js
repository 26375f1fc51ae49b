// Short news in a corner of the page, read out politely, and gone after a while.

const SECONDS = 6;
const MOST = 4;

// `label` and `act` make a button beside the text, as long as it stands there. Who points at it or is in it has time.
export function toast(text, kind = "done", { label = "", act = null, seconds = SECONDS * (kind === "failed" || act ? 2 : 1) } = {}) {
  const box = document.getElementById("toasts");
  const told = Object.assign(document.createElement("p"), { className: `news ${kind}` });
  told.append(Object.assign(document.createElement("span"), { textContent: text, dir: "auto" }));
  if (act) told.append(button(label, act, told));
  box.append(told);
  while (box.children.length > MOST) box.firstElementChild.remove();
  leave(told, seconds * 1000);
}

function button(label, act, told) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: label });
  made.addEventListener("click", () => {
    told.remove();
    act();
  });
  return made;
}

function leave(told, milliseconds) {
  setTimeout(() => (told.matches(":hover, :focus-within") ? leave(told, 2000) : told.remove()), milliseconds);
}
