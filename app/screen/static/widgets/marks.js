// Spans over a text, drawn beside it: the text's own elements stay as they are.

import { h } from "../dom.js";

const LEVELS = 4; // deeper ones share the lowest line
const STEP = 4; // pixels from one line to the next

/** Draws over `lines` (a Lines). look(span): {color, line}. Spans are {start, end, label}. */
export class Marks {
  constructor(lines, look) {
    this.lines = lines;
    this.look = look;
    this.spans = h("div", { class: "ca-marks", "aria-hidden": "true" });
    this.cursor = h("div", { class: "ca-marks", "aria-hidden": "true" });
    this.element = h("div", { class: "ca-marked" }, this.spans, lines.element, this.cursor);
    this.drawn = new Map();
    this.shown = [];
    this.picked = null;
    this.width = 0;
    this.watch = new ResizeObserver(() => this.resized());
    this.watch.observe(this.element);
  }

  destroy() {
    this.watch.disconnect();
  }

  /** Only spans that are new, gone, or lie on another level are drawn again. */
  show(spans, active) {
    this.shown = [spans, active];
    const levels = levelsOf(spans);
    const origin = this.element.getBoundingClientRect();
    const fresh = new Map();
    const wanted = spans.map((span, at) => {
      const sign = `${span.start}/${span.end}/${span.label}/${levels[at]}/${span === active}`;
      return [sign, span, levels[at]];
    });
    const made = wanted.filter(([sign]) => !this.drawn.has(sign)).map(([sign, span, level]) => [sign, span, level, this.rects(span.start, span.end, origin)]);
    for (const [sign, span, level, rects] of made) fresh.set(sign, this.strokes(span, level, span === active, rects));
    for (const [sign] of wanted) if (this.drawn.has(sign)) fresh.set(sign, this.drawn.get(sign));
    for (const [sign, group] of this.drawn) if (fresh.get(sign) !== group) group.remove();
    for (const [, group] of fresh) if (!group.isConnected) this.spans.append(group);
    this.drawn = fresh;
  }

  /** The selection: a frame around what the next key would label. edge: "start", "end" or null. */
  pick(start, end, edge = null) {
    this.picked = [start, end, edge];
    const rects = this.rects(start, end, this.element.getBoundingClientRect());
    const frames = rects.map((rect) => frame("ca-cursor", rect));
    const at = edge === "start" ? frames[0] : edge === "end" ? frames.at(-1) : null;
    at?.classList.add(`ca-edge-${edge}`);
    this.cursor.replaceChildren(...frames);
    return frames;
  }

  unpick() {
    this.picked = null;
    this.cursor.replaceChildren();
  }

  resized() {
    if (this.element.clientWidth === this.width) return;
    this.width = this.element.clientWidth;
    for (const group of this.drawn.values()) group.remove();
    this.drawn.clear();
    if (this.shown.length) this.show(...this.shown);
    if (this.picked) this.pick(...this.picked);
  }

  strokes(span, level, active, rects) {
    const { color, line } = this.look(span);
    const drop = STEP * Math.min(level, LEVELS - 1);
    const strokes = rects.map((rect) => frame("ca-stroke", { ...rect, height: rect.height + drop }));
    const group = h("div", { class: active ? "ca-span ca-active" : "ca-span" }, ...strokes);
    group.style.setProperty("--hue", color);
    group.style.setProperty("--stroke", line);
    return group;
  }

  rects(start, end, origin) {
    return this.lines
      .ranges(start, end)
      .flatMap((range) => Array.from(range.getClientRects()))
      .filter(({ width }) => width > 0)
      .map(({ left, top, width, height }) => ({ left: left - origin.left, top: top - origin.top, width, height }));
  }
}

function frame(name, { left, top, width, height }) {
  const element = h("div", { class: name });
  Object.assign(element.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  return element;
}

/** For each span, sorted by start, the highest level that no span it overlaps has taken. */
export function levelsOf(spans) {
  const ends = []; // of the last span on each level
  return spans.map(({ start, end }) => {
    let level = ends.findIndex((last) => last <= start);
    if (level < 0) level = ends.length;
    ends[level] = end;
    return level;
  });
}
