"use strict";
// Loaded in <head> and blocking, so that a remembered theme is there before the first paint.
try {
  const theme = localStorage.getItem("strangler-theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden here: the system's theme stays.
}
