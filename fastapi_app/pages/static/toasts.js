// Short news in a corner of the page, read out politely, and gone after a while.

const SECONDS = 6;
const MOST = 4;

export function toast(text, kind = "done") {
  const box = document.getElementById("toasts");
  const told = Object.assign(document.createElement("p"), { className: `news ${kind}`, textContent: text });
  box.append(told);
  while (box.children.length > MOST) box.firstElementChild.remove();
  setTimeout(() => told.remove(), SECONDS * 1000 * (kind === "failed" ? 2 : 1));
}
