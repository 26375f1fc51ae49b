// Putting a playlist in order: by dragging the grip, by the arrows of a row, or by Alt and the arrow keys.

import { ask } from "./asking.js";

const EDGE = 80;
const STEP = 12;

// `page` tells id, offset and total; `again` renews it from the server, `failed` tells why that was needed.
export function arrange(page, { again, failed }) {
  let last = Promise.resolve();
  const rows = () => [...page.querySelectorAll(".entry")];
  const offset = () => Number(page.dataset.offset);
  const total = () => Number(page.dataset.total);

  function number() {
    rows().forEach((row, at) => {
      const place = offset() + at + 1;
      row.querySelector(".place").textContent = place;
      const [up, down] = row.querySelectorAll("[data-move]");
      Object.assign(up, { value: Math.max(1, place - 1), disabled: place === 1 });
      Object.assign(down, { value: place + 1, disabled: place === total() });
    });
  }

  // One after the other, however fast somebody presses. What failed shows as the server has it.
  function tell(row, place) {
    const move = { entry_id: Number(row.dataset.entry), new_position: place };
    document.getElementById("moved").textContent = `${row.dataset.name}: place ${place} of ${total()}`;
    last = last
      .then(() => ask("POST", `/api/playlists/${page.dataset.id}/videos/reorder`, move))
      .catch((error) => {
        failed(error);
        return again().catch(() => {});
      });
    return last;
  }

  async function step(row, distance) {
    const all = rows();
    const at = all.indexOf(row);
    const place = offset() + at + 1 + distance;
    if (place < 1 || place > total()) return;
    const neighbour = all[at + distance];
    const focused = document.activeElement;
    if (neighbour) {
      if (distance < 0) neighbour.before(row);
      else neighbour.after(row);
      number();
      refocus(row, focused);
      row.scrollIntoView({ block: "nearest" });
      tell(row, place);
    } else {
      await tell(row, place);
      await again();
      document.getElementById("main").focus();
    }
  }

  // Moving a row takes the focus from it.
  function refocus(row, focused) {
    if (row.contains(focused) && !focused.disabled) focused.focus();
    else row.querySelector("[data-move]:not(:disabled), a")?.focus();
  }

  page.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.dataset.move) return;
    event.preventDefault();
    step(button.closest(".entry"), Number(button.dataset.move));
  });

  page.addEventListener("keydown", (event) => {
    const row = event.target.closest(".entry");
    const distance = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!row || !distance || !event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    step(row, distance);
  });

  page.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest(".grip");
    if (!grip || event.button !== 0) return;
    event.preventDefault();
    drag(grip.closest(".entry"), grip, event.pointerId);
  });

  function drag(row, grip, pointer) {
    const before = rows();
    grip.setPointerCapture(pointer);
    row.classList.add("dragged");
    const move = ({ clientY }) => {
      if (clientY < EDGE) scrollBy(0, -STEP);
      if (clientY > innerHeight - EDGE) scrollBy(0, STEP);
      const under = rows().find((other) => {
        const { top, bottom } = other.getBoundingClientRect();
        return other !== row && clientY >= top && clientY < bottom;
      });
      if (!under) return;
      const { top, height } = under.getBoundingClientRect();
      if (clientY < top + height / 2) under.before(row);
      else under.after(row);
    };
    const end = ({ type }) => {
      row.classList.remove("dragged");
      grip.removeEventListener("pointermove", move);
      for (const name of ["pointerup", "pointercancel"]) grip.removeEventListener(name, end);
      if (type === "pointercancel") before.forEach((other) => other.parentElement.append(other));
      const at = rows().indexOf(row);
      number();
      if (type === "pointerup" && at !== before.indexOf(row)) tell(row, offset() + at + 1);
    };
    grip.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) grip.addEventListener(name, end);
  }
}
