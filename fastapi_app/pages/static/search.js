"use strict";
// The search page: results while typing, and keys to walk through them. Without this file the form still works.

const search = () => document.getElementById("search");

// Arrows walk from the field through the results and back.
function walk(step) {
  const stops = [search(), ...document.querySelectorAll("#results [data-hit]")];
  const place = stops.indexOf(document.activeElement);
  if (place < 0) return false;
  stops[Math.min(Math.max(place + step, 0), stops.length - 1)].focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (hasModifier(event) || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  if (walk(event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
});

// A picture that can't be loaded makes way.
document.addEventListener("error", ({ target }) => {
  if (target.matches?.(".hit img")) target.remove();
}, true);
