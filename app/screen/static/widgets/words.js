// Words and characters of a text, found where they are needed; and code points.

const SPACE = /^\s+$/u;
const NEAR = 2_000; // a segmenter is given this much around a place, not a whole line of a megabyte

/** Stretches are [start, end] in UTF-16 units. lines: a Lines; language: of the interface. */
export class Words {
  constructor(lines, language) {
    this.lines = lines;
    this.cache = new Map();
    this.segmenters = {
      word: new Intl.Segmenter(language, { granularity: "word" }),
      grapheme: new Intl.Segmenter(language, { granularity: "grapheme" }),
    };
  }

  /** The word, sign or run of blanks at an offset; null at the end of a line. */
  word(offset) {
    return this.segment(offset, "word");
  }

  /** The character at an offset as people see it: never half of one. */
  character(offset) {
    return this.segment(offset, "grapheme");
  }

  segment(offset, granularity) {
    const line = this.lines.lineAt(offset);
    const [start, end] = [this.lines.starts[line], this.lines.end(line)];
    if (offset >= end) return null;
    const [from, segments] = this.around(start, end, offset, granularity);
    const found = segments.containing(offset - from);
    return [from + found.index, from + found.index + found.segment.length];
  }

  /** The segments of a window of the line, cut at blanks where it can be. */
  around(start, end, offset, granularity) {
    const block = Math.floor((offset - start) / NEAR);
    const name = `${granularity}/${start}/${block}`;
    const kept = this.cache.get(name);
    if (kept) return kept;
    const from = this.cut(start + block * NEAR - NEAR, start);
    const far = Math.min(end, start + (block + 2) * NEAR);
    const to = surrogate(this.lines.text, far) ? far - 1 : far;
    const made = [from, this.segmenters[granularity].segment(this.lines.text.slice(from, to))];
    if (this.cache.size > 500) this.cache.clear();
    this.cache.set(name, made);
    return made;
  }

  cut(at, least) {
    if (at <= least) return least;
    const blank = this.lines.text.lastIndexOf(" ", at);
    return blank > Math.max(least, at - NEAR) ? blank : surrogate(this.lines.text, at) ? at - 1 : at;
  }

  blank([start, end]) {
    return SPACE.test(this.lines.text.slice(start, end));
  }

  /** The word (or, with exact, the character) at or behind an offset, also one that lies around it. */
  next(offset, exact = false) {
    let at = offset;
    while (at < this.lines.text.length) {
      const found = this.segment(at, exact ? "grapheme" : "word");
      if (found && (exact || !this.blank(found))) return found;
      at = found ? found[1] : at + 1;
    }
    return null;
  }

  /** The word (or character) before an offset, also one that lies around it. */
  previous(offset, exact = false) {
    let at = offset - 1;
    while (at >= 0) {
      const found = this.segment(at, exact ? "grapheme" : "word");
      if (found && (exact || !this.blank(found))) return found;
      at = found ? found[0] - 1 : at - 1;
    }
    return null;
  }

  /** What a selection means: its words, without blanks at the ends; exact: its characters. */
  snap(start, end, exact = false) {
    const piece = (at) => this.segment(at, exact ? "grapheme" : "word");
    const [first, last] = [piece(start), piece(end - 1)];
    let from = first ? first[0] : start;
    let to = last ? last[1] : end;
    if (!exact && first && this.blank(first)) from = this.next(first[1])?.[0] ?? to;
    if (!exact && (!last || this.blank(last))) to = this.previous(last ? last[0] : end)?.[1] ?? from;
    return from < to ? [from, to] : null;
  }
}

function surrogate(text, at) {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
}

/** UTF-16 offsets <-> code points, which are the indices of a Python str. */
export class CodePoints {
  constructor(text) {
    this.pairs = []; // where the second half of each surrogate pair stands
    for (const match of text.matchAll(/[\u{10000}-\u{10ffff}]/gu)) this.pairs.push(match.index + 1);
  }

  /** The code points before a UTF-16 offset. */
  count(offset) {
    return offset - below(this.pairs, offset);
  }

  /** The UTF-16 offset behind so many code points. */
  offset(count) {
    let [low, high] = [0, this.pairs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.pairs[middle] - middle <= count) low = middle + 1;
      else high = middle;
    }
    return count + low;
  }
}

/** How many of the sorted numbers are smaller than `limit`. */
function below(sorted, limit) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
