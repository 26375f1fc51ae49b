// Keeps the screen on while something plays, where the browser can.

let wanted = false;
let lock = null;

async function hold() {
  if (!wanted || lock || document.visibilityState !== "visible") return;
  lock = await navigator.wakeLock?.request("screen").catch(() => null) ?? null;
  lock?.addEventListener("release", () => { lock = null; });
  if (!wanted) lock?.release();
}

export function stayAwake(on) {
  wanted = on;
  if (on) hold();
  else lock?.release();
}

document.addEventListener("visibilitychange", hold);
