// A text as one element per line, with the way from places in it to places in the page and back.

import { h } from "../dom.js";
import { visible } from "./signs.js";

const MOST_ROWS = 5_000; // elements: of a text with more lines, several share one
const LONGEST = 8_000; // characters of an element: to lay out a line takes the square of its length
const JOINS = /[\p{M}\p{EMod}\u200d\ufe0f]/u;

/**
 * Offsets are UTF-16 units of `text`. Each line has its own direction, and is one text node that
 * nothing splits later: whoever wants to point at a stretch asks for its ranges.
 */
export class Lines {
  constructor(text) {
    this.text = text;
    const starts = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    const together = Math.ceil(starts.length / MOST_ROWS);
    this.starts = starts.filter((_, at) => at % together === 0).flatMap((start, at, all) => cuts(text, start, all[at + 1] ?? text.length));
    this.places = new WeakMap();
    this.rows = this.starts.map((start, at) => this.row(start, at));
    this.element = h("div", { class: "ca-lines" }, ...this.rows);
  }

  row(start, at) {
    const row = h("div", { dir: "auto" });
    const line = this.text.slice(start, this.end(at));
    row.append(line ? document.createTextNode(visible(line)) : h("br"));
    this.places.set(row, at);
    return row;
  }

  /** Where the line ends, its line break not counted. */
  end(at) {
    if (at + 1 >= this.starts.length) return this.text.length;
    const next = this.starts[at + 1];
    return this.text[next - 1] === "\n" ? next - 1 : next;
  }

  /** The number of the line that holds an offset. */
  lineAt(offset) {
    let [low, high] = [0, this.starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** One range per line between two offsets; empty lines have none. */
  ranges(start, end) {
    const found = [];
    for (let at = this.lineAt(start); at < this.starts.length && this.starts[at] < end; at += 1) {
      const node = this.rows[at].firstChild;
      const from = Math.max(start, this.starts[at]) - this.starts[at];
      const to = Math.min(end, this.end(at)) - this.starts[at];
      if (node.nodeType !== Node.TEXT_NODE || from >= to) continue;
      const range = document.createRange();
      range.setStart(node, from);
      range.setEnd(node, to);
      found.push(range);
    }
    return found;
  }

  /** The offset of a place in the page, or null when it is not in this text. */
  offset(node, within) {
    if (node === this.element) return this.starts[within] ?? this.text.length;
    const row = node.nodeType === Node.TEXT_NODE ? node.parentNode : node;
    const at = this.places.get(row);
    if (at === undefined) return null;
    const inside = node.nodeType === Node.TEXT_NODE ? within : within > 0 ? this.end(at) - this.starts[at] : 0;
    return this.starts[at] + inside;
  }

  /** Whether a line reads from right to left. */
  rightToLeft(offset) {
    return getComputedStyle(this.rows[this.lineAt(offset)]).direction === "rtl";
  }
}

/** Where the elements of a line begin: more than one when it is longer than anybody writes. */
function cuts(text, start, end) {
  const found = [start];
  for (let at = start + LONGEST; at < end; at = found.at(-1) + LONGEST) found.push(cut(text, at));
  return found;
}

/** Behind the last blank before `at`, else where no sign is cut in two. */
function cut(text, at) {
  const blank = Math.max(text.lastIndexOf(" ", at - 1), text.lastIndexOf("\n", at - 1));
  if (blank > at - LONGEST / 2) return blank + 1;
  for (let safe = at; safe > at - 200; safe -= 1) {
    const [before, behind] = [text[safe - 1], String.fromCodePoint(text.codePointAt(safe))];
    const half = text.charCodeAt(safe) >> 10 === 0x37; // the second unit of a pair
    if (!half && !JOINS.test(behind) && before !== "\u200d" && before !== "\r") return safe;
  }
  return at;
}

/** Where a point of the window is in a text: [node, offset] or null. */
export function caretAt(x, y, inside) {
  const root = inside.getRootNode();
  if (document.caretPositionFromPoint) {
    const place = document.caretPositionFromPoint(x, y, { shadowRoots: root instanceof ShadowRoot ? [root] : [] });
    return place && inside.contains(place.offsetNode) ? [place.offsetNode, place.offset] : null;
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range && inside.contains(range.startContainer) ? [range.startContainer, range.startOffset] : null;
}

/** What is selected inside an element: [anchor, offset, focus, offset], or null. */
export function selected(inside) {
  const root = inside.getRootNode();
  const selection = root.getSelection?.() ?? document.getSelection();
  if (!selection?.rangeCount) return null;
  if (inside.contains(selection.anchorNode) && inside.contains(selection.focusNode)) {
    return [selection.anchorNode, selection.anchorOffset, selection.focusNode, selection.focusOffset];
  }
  if (!(root instanceof ShadowRoot) || !selection.getComposedRanges) return null;
  const [range] = selection.getComposedRanges({ shadowRoots: [root] });
  return inside.contains(range.startContainer) && inside.contains(range.endContainer)
    ? [range.startContainer, range.startOffset, range.endContainer, range.endOffset]
    : null;
}

/** Nothing is selected any more. */
export function deselect(inside) {
  (inside.getRootNode().getSelection?.() ?? document.getSelection())?.removeAllRanges();
}
