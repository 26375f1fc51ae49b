"use strict";
// The page of wanted videos: choose all, and ranges with the shift key. Without this file the boxes still work.

const boxes = () => [...document.querySelectorAll('input[name="video"]')];
let last = null;

function count() {
  const chosen = boxes().filter((box) => box.checked).length;
  const told = document.querySelector("[data-chosen]");
  if (told) told.textContent = chosen ? `${chosen} chosen` : "";
}

document.addEventListener("click", (event) => {
  if (event.target.matches("[data-all]")) {
    const some = boxes().some((box) => !box.checked);
    for (const box of boxes()) box.checked = some;
  } else if (event.target.matches('input[name="video"]')) {
    const all = boxes();
    if (event.shiftKey && last) {
      const [first, second] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
      for (const box of all.slice(first, second + 1)) box.checked = event.target.checked;
    }
    last = event.target;
  }
  count();
});
count();
