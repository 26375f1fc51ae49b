"use strict";
// Small state of every page. Registers with Alpine, which is loaded after this file.

function remember(theme) {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Forbidden storage: the choice holds for this page.
  }
}

document.addEventListener("alpine:init", () => {
  Alpine.data("theme", () => ({
    dark: (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark",

    toggle() {
      this.dark = !this.dark;
      remember(this.dark ? "dark" : "light");
    },
  }));
});
