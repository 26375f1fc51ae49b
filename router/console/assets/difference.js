// Pure: two values as lines beside each other, with what differs marked.

const MOST_CELLS = 400_000;

// { left, right }: as many lines each, of { kind: "same" | "changed" | "blank", parts: [{ text, marked }] }.
export function difference(control, candidate) {
  const pairs = align(lines(control), lines(candidate), same);
  const left = [];
  const right = [];
  for (const [removed, added] of hunks(pairs)) {
    for (let place = 0; place < Math.max(removed.length, added.length); place += 1) {
      const [one, other] = beside(removed[place], added[place]);
      left.push(one);
      right.push(other);
    }
  }
  return { left, right };
}

const same = (one, other) => one === other;

// The text of a value; JSON is set out with one member to a line.
export function lines(value) {
  if (value === undefined || value === null) return [value === null ? "null" : "(nothing)"];
  if (typeof value === "string") {
    const parsed = structure(value);
    return (parsed === null ? value : JSON.stringify(parsed, null, 2)).split("\n");
  }
  return JSON.stringify(value, null, 2).split("\n");
}

function structure(text) {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// The longest common subsequence as pairs: [a, b] alike, [a, undefined] only on the left, [undefined, b] on the right.
export function align(left, right, alike) {
  let start = 0;
  while (start < left.length && start < right.length && alike(left[start], right[start])) start += 1;
  let end = 0;
  while (end < left.length - start && end < right.length - start && alike(left.at(-1 - end), right.at(-1 - end))) end += 1;
  const head = left.slice(0, start).map((one, place) => [one, right[place]]);
  const tail = left.slice(left.length - end).map((one, place) => [one, right[right.length - end + place]]);
  return [...head, ...middle(left.slice(start, left.length - end), right.slice(start, right.length - end), alike), ...tail];
}

function middle(left, right, alike) {
  if (left.length * right.length > MOST_CELLS) return [...left.map((one) => [one, undefined]), ...right.map((one) => [undefined, one])];
  const lengths = table(left, right, alike);
  const pairs = [];
  let [a, b] = [0, 0];
  while (a < left.length || b < right.length) {
    if (a < left.length && b < right.length && alike(left[a], right[b])) pairs.push([left[a++], right[b++]]);
    else if (b === right.length || (a < left.length && lengths[a + 1][b] >= lengths[a][b + 1])) pairs.push([left[a++], undefined]);
    else pairs.push([undefined, right[b++]]);
  }
  return pairs;
}

function table(left, right, alike) {
  const lengths = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  for (let a = left.length - 1; a >= 0; a -= 1) {
    for (let b = right.length - 1; b >= 0; b -= 1) {
      lengths[a][b] = alike(left[a], right[b]) ? lengths[a + 1][b + 1] + 1 : Math.max(lengths[a + 1][b], lengths[a][b + 1]);
    }
  }
  return lengths;
}

// Runs of pairs as [removed, added]; a pair that is alike is a run of its own.
function hunks(pairs) {
  const found = [];
  let open = null;
  for (const [one, other] of pairs) {
    if (one !== undefined && other !== undefined) {
      found.push([[one], [other]]);
      open = null;
      continue;
    }
    if (!open) found.push((open = [[], []]));
    if (one !== undefined) open[0].push(one);
    else open[1].push(other);
  }
  return found;
}

function beside(removed, added) {
  if (removed === added) return [line("same", [{ text: removed, marked: false }]), line("same", [{ text: added, marked: false }])];
  if (removed === undefined) return [line("blank", []), line("changed", whole(added))];
  if (added === undefined) return [line("changed", whole(removed)), line("blank", [])];
  const pairs = align(words(removed), words(added), same);
  return [line("changed", marked(pairs, 0)), line("changed", marked(pairs, 1))];
}

const line = (kind, shown) => ({ kind, parts: shown });
const whole = (text) => [{ text: text.match(/^\s*/)[0], marked: false }, { text: text.trimStart(), marked: true }].filter(({ text: part }) => part);
const words = (text) => text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];

function marked(pairs, side) {
  const found = [];
  for (const pair of pairs) {
    if (pair[side] === undefined) continue;
    const isMarked = pair[1 - side] === undefined;
    if (found.length && found.at(-1).marked === isMarked) found.at(-1).text += pair[side];
    else found.push({ text: pair[side], marked: isMarked });
  }
  return found;
}
