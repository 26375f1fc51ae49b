// What a page shows by now, put in the place of what it showed: the scroll place and the focus elsewhere stay.

// The elements with these ids; one that is no longer there loads the page anew, as a login that ran out does.
export async function showAnew(ids) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const pairs = ids.map((id) => [document.getElementById(id), fresh.getElementById(id)]);
  if (!answer.ok || answer.redirected || pairs.some(([old, made]) => Boolean(old) !== Boolean(made))) return location.reload();
  for (const [old, made] of pairs) {
    if (!old) continue;
    old.replaceWith(made);
    globalThis.htmx?.process(made);
  }
}
