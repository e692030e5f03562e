// The keyboard of the spans widget.

import { graph, keyOf } from "../keys.js";

const ARROWS = { ArrowLeft: false, ArrowRight: true };

/**
 * keys(event): true when the key was used. Arrows move the word cursor, Shift extends, Ctrl or Alt
 * goes by characters; a label's key labels; Delete removes; [ and ] go from span to span, and then
 * Shift and the arrows move its edge, Home and End say which one.
 */
export function spanKeys(spans) {
  return (event) => {
    if (typed(event)) return false;
    const key = keyOf(event);
    const how = { extend: event.shiftKey, exact: !graph(event) && (event.ctrlKey || event.altKey || event.metaKey) };
    if (key in ARROWS) return across(spans, ARROWS[key], how);
    if (key === "ArrowUp" || key === "ArrowDown") return !how.exact && climb(spans, key === "ArrowDown", how.extend);
    if (how.exact) return key === "z" && !event.altKey && !event.shiftKey && spans.undo();
    return act(spans, key, event);
  };
}

function typed(event) {
  const target = event.composedPath()[0];
  return target instanceof Element && target.matches("input, textarea, select");
}

/** A key by itself. A label's own key comes first. */
function act(spans, key, event) {
  const label = spans.labelOf(event);
  if (label !== undefined) return done(spans.apply(label));
  if (key === "0") return done(spans.sayNone());
  if (key === "Delete") return done(spans.remove());
  if (key === "[" || key === "]") return walk(spans, key === "]");
  if (key === "Escape" && spans.active) return done(spans.activate(null));
  if ((key === "Home" || key === "End") && spans.active) return done(spans.activate(spans.active, key === "Home" ? "start" : "end"));
  if (key === "Home" || key === "End") return ends(spans, key === "End");
  return false;
}

function done() {
  return true;
}

/** To the right on the screen: backwards in a line that reads from right to left. */
function across(spans, right, how) {
  spans.touch();
  const [start, end] = spans.active ? spans.range : spans.cursor.head;
  const forward = right !== spans.lines.rightToLeft(how.extend && !right ? start : Math.max(start, end - 1));
  if (spans.active && how.extend) return stretch(spans, forward, how.exact);
  if (spans.active) spans.active = null;
  spans.cursor.step(forward, how);
  spans.draw();
  spans.reveal();
  return true;
}

/** Move one edge of the active span by a word or a character. */
function stretch(spans, forward, exact) {
  const { edge, words } = spans;
  const at = spans.active[edge];
  const piece = forward ? words.next(at, exact) : words.previous(at, exact);
  if (piece) spans.resize(edge, forward === (edge === "end") ? piece[edge === "end" ? 1 : 0] : inward(spans, at, forward, exact));
  return true;
}

/** Where an edge goes that gives up a word: to the next word's edge on its own side. */
function inward(spans, at, forward, exact) {
  const { words } = spans;
  if (forward) {
    const given = words.next(at, exact);
    return words.next(given[1], exact)?.[0] ?? given[1];
  }
  const given = words.previous(at, exact);
  return words.previous(given[0], exact)?.[1] ?? given[0];
}

function climb(spans, down, extend) {
  spans.touch();
  spans.active = null;
  const [range] = spans.lines.ranges(...spans.cursor.head);
  if (!range) return false;
  spans.area.show(range);
  const view = spans.area.scroller.getBoundingClientRect();
  let moved = spans.cursor.climb(down, extend, range.getBoundingClientRect(), view);
  if (!moved) {
    spans.area.scroller.scrollBy(0, down ? 60 : -60);
    moved = spans.cursor.climb(down, extend, range.getBoundingClientRect(), spans.area.scroller.getBoundingClientRect());
  }
  spans.draw();
  spans.reveal();
  return moved || spans.lines.rows.length > 1;
}

function walk(spans, forward) {
  const all = spans.set.spans;
  if (!all.length) return false;
  const here = all.indexOf(spans.active);
  const [start] = spans.range;
  const behind = all.findIndex((span) => span.start >= start);
  const first = forward ? (behind < 0 ? 0 : behind) : (behind < 0 ? all.length : behind) - 1;
  const next = here < 0 ? first : here + (forward ? 1 : -1);
  spans.activate(all[(next + all.length) % all.length]);
  return true;
}

function ends(spans, last) {
  const { words, lines, cursor } = spans;
  const line = lines.lineAt(cursor.head[0]);
  const piece = last ? words.previous(lines.end(line)) : words.next(lines.starts[line]);
  if (!piece) return false;
  cursor.at(piece);
  spans.touch();
  spans.draw();
  spans.reveal();
  return true;
}
