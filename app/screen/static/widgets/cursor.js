// The word cursor: where the keyboard is in a text, and what it has selected.

import { caretAt } from "../fields/lines.js";

/** anchor and head are stretches [start, end]; between them lies what is selected. */
export class Cursor {
  constructor(lines, words) {
    this.lines = lines;
    this.words = words;
    this.at(words.next(0) ?? [0, 0]);
  }

  at(anchor, head = anchor) {
    [this.anchor, this.head] = [anchor, head];
  }

  get range() {
    return [Math.min(this.anchor[0], this.head[0]), Math.max(this.anchor[1], this.head[1])];
  }

  /** One word, or with exact one character, in reading direction; at an end of the text what is last. */
  step(forward, { extend = false, exact = false } = {}) {
    const [start, end] = extend ? this.head : this.range;
    const beyond = this.neighbour(forward, extend, exact, start, end);
    const piece = beyond ?? (extend ? null : forward ? this.words.previous(end, exact) : this.words.next(start, exact));
    if (!piece) return false;
    this.at(extend ? this.anchor : piece, piece);
    return true;
  }

  neighbour(forward, extend, exact, start, end) {
    if (!exact) return forward ? this.words.next(end) : this.words.previous(start);
    const word = end - start > (this.words.character(start)?.[1] ?? end) - start;
    if (word && !extend) return forward ? this.words.character(start) : this.words.previous(end, true);
    return forward ? this.words.next(end, true) : this.words.previous(start, true);
  }

  /** To the line above or below as it is drawn. False where there is none. rect: of the head. */
  climb(down, extend, rect, view) {
    const x = rect.left + rect.width / 2;
    const stride = rect.height;
    for (let tries = 1; tries <= 4; tries += 1) {
      const y = down ? rect.bottom + (tries - 0.5) * 0.6 * stride : rect.top - (tries - 0.5) * 0.6 * stride;
      const place = y > view.top && y < view.bottom && caretAt(x, y, this.lines.element);
      const offset = place && this.lines.offset(...place);
      if (offset === null || offset === false) continue;
      const piece = this.nearest(offset);
      if (!piece || (piece[0] === this.head[0] && piece[1] === this.head[1])) continue;
      if (down ? piece[0] < this.head[0] : piece[0] > this.head[0]) continue;
      this.at(extend ? this.anchor : piece, piece);
      return true;
    }
    return false;
  }

  /** The word at an offset, else the one before it or behind it in its line, else any. */
  nearest(offset) {
    const found = this.words.word(offset);
    if (found && !this.words.blank(found)) return found;
    const before = this.words.previous(offset);
    const line = this.lines.lineAt(offset);
    if (before && this.lines.lineAt(before[0]) === line) return before;
    return this.words.next(offset) ?? before;
  }
}
