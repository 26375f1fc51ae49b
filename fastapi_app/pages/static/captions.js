// The captions that lie beside a film, as tracks of a <video>.

import { ask, base } from "./asking.js";

const names = new Intl.DisplayNames([], { type: "language" });

function nameOf(language) {
  try {
    return names.of(language);
  } catch {
    return language;
  }
}

// Replaces the tracks of `video` by the captions of the film with this id; answers how many there are.
export async function showCaptions(video, id) {
  for (const track of video.querySelectorAll("track")) track.remove();
  const { languages } = await ask("GET", `/api/videos/${id}/captions`).catch(() => ({ languages: [] }));
  if (video.dataset.film !== undefined && video.dataset.film !== String(id)) return 0;
  for (const language of languages) {
    const source = `${base}/api/videos/${id}/captions/${language}`;
    video.append(Object.assign(document.createElement("track"), { kind: "captions", srclang: language, label: nameOf(language), src: source }));
  }
  return languages.length;
}

// Turns captions on or off: those in a language of the visitor, else the first. Answers whether any are shown.
export function switchCaptions(video, on) {
  const tracks = [...video.textTracks];
  const wanted = tracks.find(({ language }) => navigator.languages.some((spoken) => spoken.split("-")[0] === language.split("-")[0])) ?? tracks[0];
  for (const track of tracks) track.mode = on && track === wanted ? "showing" : "disabled";
  return on && wanted !== undefined;
}
