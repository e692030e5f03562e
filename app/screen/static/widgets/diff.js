// What was changed between two texts, word by word; Chinese, Japanese and Korean sign by sign.

const TOKENS =
  /\r\n|\s|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|[\p{L}\p{N}\p{M}_'’]+|\p{Emoji}(?:\p{EMod}|\ufe0f|\u200d\p{Emoji})*|[^]/gu;
const MOST_EDITS = 1_000; // time and memory grow with their square

/**
 * Parts [{kind: "same" | "gone" | "new", text}]: `same` and `gone` joined are `before`, `same` and
 * `new` joined are `after`. Where texts have little in common, lines are compared instead of words,
 * and where even these differ too much, all that lies between the first and last difference is one
 * change: time stays bounded.
 */
export function diff(before, after) {
  if (before === after) return before ? [{ kind: "same", text: before }] : [];
  const parts = compared(tokens(before), tokens(after)) ?? compared(lines(before), lines(after)) ?? whole(before, after);
  return tidy(parts);
}

function tokens(text) {
  return text.match(TOKENS) ?? [];
}

function lines(text) {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

/** The same beginning and end kept; null when there are more edits between than we count. */
function compared(a, b) {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  const most = Math.min(a.length, b.length) - head;
  while (tail < most && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const middle = edits(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  if (middle === null) return null;
  return [["same", a.slice(0, head).join("")], ...middle, ["same", a.slice(a.length - tail).join("")]];
}

function whole(before, after) {
  return [["gone", before], ["new", after]];
}

/** Myers (1986), "An O(ND) difference algorithm and its variations": a shortest list of edits. */
function edits(a, b) {
  if (!a.length || !b.length) return [["gone", a.join("")], ["new", b.join("")]];
  const ids = new Map();
  const numbered = (list) => Int32Array.from(list, (token) => ids.get(token) ?? ids.set(token, ids.size).get(token));
  const trail = furthest(numbered(a), numbered(b));
  return trail && back(trail, a, b);
}

/** For each number of edits, how far each diagonal reached before; null above MOST_EDITS. */
function furthest(a, b) {
  const limit = Math.min(MOST_EDITS, a.length + b.length);
  const reach = new Int32Array(2 * limit + 3);
  const middle = limit + 1;
  const trail = [];
  for (let edit = 0; edit <= limit; edit += 1) {
    trail.push(reach.slice(middle - edit - 1, middle + edit + 2));
    for (let k = -edit; k <= edit; k += 2) {
      const down = k === -edit || (k !== edit && reach[middle + k - 1] < reach[middle + k + 1]);
      let x = down ? reach[middle + k + 1] : reach[middle + k - 1] + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      reach[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return trail;
    }
  }
  return null;
}

/** The edits along the trail, from its end to its start, turned round. */
function back(trail, a, b) {
  const made = [];
  let [x, y] = [a.length, b.length];
  for (let edit = trail.length - 1; edit >= 0; edit -= 1) {
    const reach = (k) => trail[edit][k + edit + 1];
    const k = x - y;
    const down = k === -edit || (k !== edit && reach(k - 1) < reach(k + 1));
    const from = edit === 0 ? 0 : down ? reach(k + 1) : reach(k - 1);
    const fromY = edit === 0 ? 0 : from - (down ? k + 1 : k - 1);
    const [nextX, nextY] = down ? [from, fromY + 1] : [from + 1, fromY];
    while (x > (edit ? nextX : 0) && y > (edit ? nextY : 0)) {
      made.push(["same", a[x - 1]]);
      x -= 1;
      y -= 1;
    }
    if (edit) made.push(down ? ["new", b[y - 1]] : ["gone", a[x - 1]]);
    [x, y] = [from, fromY];
  }
  return made.reverse();
}

/** Changes with nothing but blanks between them are one change, what is gone first. */
function tidy(parts) {
  const made = [];
  let [gone, fresh] = ["", ""];
  const flush = () => {
    const blank = gone && fresh ? blankEnd(gone, fresh) : "";
    if (blank) [gone, fresh] = [gone.slice(0, -blank.length), fresh.slice(0, -blank.length)];
    if (gone) made.push({ kind: "gone", text: gone });
    if (fresh) made.push({ kind: "new", text: fresh });
    if (blank) made.push({ kind: "same", text: blank });
    [gone, fresh] = ["", ""];
  };
  merged(parts).forEach(([kind, text], at, all) => {
    const between = at > 0 && at + 1 < all.length && /^[^\S\n]+$/.test(text);
    if (kind === "gone" || (kind === "same" && between)) gone += text;
    if (kind === "new" || (kind === "same" && between)) fresh += text;
    if (kind !== "same" || between) return;
    flush();
    if (made.at(-1)?.kind === "same") made.at(-1).text += text;
    else made.push({ kind, text });
  });
  flush();
  return made;
}

/** The blanks that both end with. */
function blankEnd(a, b) {
  const [blank] = /[^\S\n]*$/.exec(a);
  return blank && b.endsWith(blank) ? blank : "";
}

function merged(parts) {
  const made = [];
  for (const [kind, text] of parts) {
    if (!text) continue;
    if (made.at(-1)?.[0] === kind) made.at(-1)[1] += text;
    else made.push([kind, text]);
  }
  return made;
}
