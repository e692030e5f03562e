// The spans of one text: added, relabelled, moved, removed, and each of these undone.

/** Offsets are UTF-16 units. overlap: whether spans may share characters. */
export class SpanSet {
  constructor(overlap) {
    this.overlap = overlap;
    this.spans = [];
    this.past = [];
  }

  /** Take these instead, with nothing to undo. */
  reset(spans) {
    this.spans = sorted(spans);
    this.past = [];
  }

  /** The span that lies so now: a new one, or one that was there; null when overlaps forbid it. */
  add(start, end, label) {
    const there = this.spans.find((span) => same(span, { start, end, label }));
    if (there) return there;
    const over = this.overlap ? null : this.spans.find((span) => span.start === start && span.end === end);
    if (over) return this.change(over, { label });
    return this.place({ start, end, label }, null);
  }

  /** The span with other edges or another label; null when it may not be so. */
  change(span, changes) {
    return this.place({ ...span, ...changes }, span);
  }

  place(span, instead) {
    const others = this.spans.filter((one) => one !== instead);
    if (span.start >= span.end || others.some((one) => same(one, span))) return null;
    if (!this.overlap && others.some((one) => one.start < span.end && span.start < one.end)) return null;
    this.keep([...others, span]);
    return span;
  }

  remove(span) {
    this.keep(this.spans.filter((one) => one !== span));
  }

  keep(spans) {
    this.past.push(this.spans);
    this.spans = sorted(spans);
  }

  undo() {
    if (!this.past.length) return false;
    this.spans = this.past.pop();
    return true;
  }

  /** The shortest span that shares characters with a stretch; of equals the last one. */
  under(start, end) {
    const touched = this.spans.filter((span) => span.start < end && start < span.end);
    return touched.reduce((best, span) => (!best || length(span) <= length(best) ? span : best), null);
  }
}

function length(span) {
  return span.end - span.start;
}

function same(a, b) {
  return a.start === b.start && a.end === b.end && a.label === b.label;
}

function sorted(spans) {
  return [...spans].sort((a, b) => a.start - b.start || a.end - b.end || (a.label < b.label ? -1 : 1));
}
