// Pure: numbers and moments as text.

const WHOLE = new Intl.NumberFormat("en");
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["h", 3600], ["min", 60]];

export const NONE = "–";

export const count = (value) => (value === null || value === undefined ? NONE : value < 100_000 ? WHOLE.format(value) : COMPACT.format(value));
export const plural = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;

// A share of 0 to 1 as a percentage. One that is not 0, or not 1, never looks as if it were.
export function share(part, whole) {
  if (!whole) return NONE;
  const percent = (100 * part) / whole;
  if (percent > 0 && percent < 0.01) return "< 0.01 %";
  if (percent < 100 && percent > 99.99) return "> 99.99 %";
  const digits = percent < 1 || percent > 99 ? 2 : percent < 10 || percent > 90 ? 1 : 0;
  const text = Number(percent.toFixed(digits));
  return text === 100 && percent < 100 ? "> 99.99 %" : `${text} %`;
}

export const percentage = (value) => `${Number(value.toFixed(3))} %`;

// Milliseconds with three figures.
export function duration(value) {
  if (value === null || value === undefined) return NONE;
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  return `${value >= 100 ? value.toFixed(0) : Number(value.toPrecision(2))} ms`;
}

export function ago(moment, now) {
  const seconds = (now - Date.parse(moment)) / 1000;
  if (Number.isNaN(seconds)) return "";
  if (seconds < 5) return "just now";
  return `${span(seconds)} ago`;
}

export function span(seconds) {
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? ["s", 1];
  const value = Math.floor(seconds / size);
  return `${value} ${value !== 1 && size > 3600 ? `${unit}s` : unit}`;
}

export function moment(text) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return text ?? "";
  return date.toLocaleString("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
}
