// Stretches of a text, each with a label: by mouse or by keyboard, overlapping or not.

import { button, h, keycap } from "../dom.js";
import { area } from "../fields/area.js";
import { deselect, Lines, selected } from "../fields/lines.js";
import { chosenBy, keyOf } from "../keys.js";
import { look } from "../palette.js";
import { Cursor } from "./cursor.js";
import { Marks } from "./marks.js";
import { spanKeys } from "./span_keys.js";
import { spanList } from "./span_list.js";
import { SpanSet } from "./span_set.js";
import { CodePoints, Words } from "./words.js";

const DIGITS = "1234567890";

/** The value is a list of {start, end, label} in code points; null until anything was said. */
export function make(spec, ctx) {
  return new Spans(spec, ctx).widget();
}

class Spans {
  constructor(spec, ctx) {
    this.spec = spec;
    this.ctx = ctx;
    const field = ctx.fields.find(({ name }) => name === spec.field) ?? { name: spec.field, text: "" };
    this.text = field.source ?? field.text ?? "";
    this.points = new CodePoints(this.text);
    this.lines = new Lines(this.text);
    this.words = new Words(this.lines, ctx.language);
    this.cursor = new Cursor(this.lines, this.words);
    this.set = new SpanSet(spec.overlap !== false);
    this.places = new Map(spec.options.map(({ value }, at) => [value, at]));
    this.marks = new Marks(this.lines, (span) => this.look(span.label));
    this.active = null; // the span that keys change
    this.edge = "end"; // the edge of it that Shift and the arrows move
    this.said = false; // whether the person has said anything yet
    this.touched = false; // whether the word cursor is shown
    this.build();
  }

  build() {
    const { t } = this.ctx;
    this.status = h("p", { class: "ca-status", role: "status" });
    this.voice = h("p", { class: "ca-voice", "aria-live": "polite" }); // for who cannot see the cursor
    this.box = h("div", { class: "ca-box", tabindex: "0", role: "application", "aria-label": t("spans.text") }, this.marks.element);
    this.area = area(this.box, this.ctx, this.spec.field, this.text);
    this.bar = h("div", { class: "ca-labels", role: "group", "aria-label": this.spec.text }, ...this.spec.options.map((option, at) => this.labelButton(option, at)), this.noneButton());
    this.list = spanList(this);
    const named = this.ctx.fields.length > 1 ? h("h3", { class: "ca-name", dir: "auto" }, this.spec.field) : null;
    this.element = h("div", { class: "ca-spans" }, named, this.bar, this.area.element, this.status, this.voice, this.list.element);
    this.keys = spanKeys(this);
    this.listen();
    this.draw();
  }

  listen() {
    this.box.addEventListener("keydown", (event) => {
      if (event.isComposing || !this.keys(event)) return;
      event.preventDefault();
      event.stopPropagation();
    });
    this.box.addEventListener("focus", () => this.touch());
    this.box.addEventListener("pointerdown", (event) => (this.finger = event.pointerType === "touch"));
    this.released = (event) => this.fromMouse(event);
    this.box.addEventListener("mousedown", () => window.addEventListener("mouseup", this.released, { once: true }));
    this.marking = () => this.finger && this.fromFinger();
    document.addEventListener("selectionchange", this.marking);
  }

  labelButton(option, at) {
    const keys = [DIGITS[at], option.key].filter(Boolean);
    const { color, line } = look(at);
    const made = button(
      { class: "ca-label", title: option.description || null, "aria-keyshortcuts": keys.join(" ") || null, onclick: () => this.apply(option.value) },
      h("i", { class: "ca-swatch", "aria-hidden": "true" }),
      h("span", { dir: "auto" }, option.title),
      ...keys.map((key) => keycap(key.toUpperCase())),
    );
    made.style.setProperty("--hue", color);
    made.style.setProperty("--stroke", line);
    return made;
  }

  noneButton() {
    const free = this.spec.options.length < DIGITS.length;
    this.none = button({ class: "ca-label ca-none", "aria-pressed": "false", onclick: () => this.sayNone() }, this.ctx.t("spans.none"), free ? keycap("0") : "");
    return this.none;
  }

  look(label) {
    return look(this.places.get(label) ?? 0);
  }

  title(label) {
    return this.spec.options[this.places.get(label)]?.title ?? label;
  }

  /** What a span covers, in short. */
  quote({ start, end }) {
    const text = this.text.slice(start, Math.min(end, start + 400)).replace(/\s+/g, " ");
    const signs = Array.from(text);
    return signs.length > 80 ? `${signs.slice(0, 79).join("")}…` : text;
  }

  /** The label that a key stands for, or undefined. */
  labelOf(event) {
    return (this.spec.options[DIGITS.indexOf(keyOf(event))] ?? chosenBy(event, this.spec.options))?.value;
  }

  touch() {
    if (!this.box.contains(this.box.getRootNode().activeElement)) this.box.focus({ preventScroll: true });
    if (this.touched) return;
    this.touched = true;
    this.draw();
  }

  /** What the next key is about. */
  get range() {
    return this.active ? [this.active.start, this.active.end] : this.cursor.range;
  }

  apply(label) {
    this.touch();
    const [start, end] = this.range;
    if (start >= end) return;
    const made = this.active ? this.set.change(this.active, { label }) : this.set.add(start, end, label);
    if (!made) return this.say(this.active ? "spans.taken" : "spans.overlap", {});
    if (this.active) this.active = made;
    this.changed("spans.added", made);
  }

  remove(span = this.active ?? this.set.under(...this.range)) {
    if (!span) return;
    this.set.remove(span);
    if (this.active === span) this.active = null;
    this.changed("spans.removed", span);
  }

  /** Make a span the one that keys change, or none. */
  activate(span, edge = "end") {
    this.active = span;
    this.edge = edge;
    this.touched = true;
    if (span) this.cursor.at([span.start, span.end]);
    this.draw();
    if (span) this.say("spans.active", span);
    this.reveal();
  }

  /** Move the edge that is worked on, to where it may be. */
  resize(edge, offset) {
    const made = this.set.change(this.active, { [edge]: offset });
    if (!made) return;
    this.active = made;
    this.cursor.at([made.start, made.end]);
    this.changed("spans.active", made);
  }

  undo() {
    if (!this.set.undo()) return false;
    this.active = null;
    this.changed("spans.undone");
    return true;
  }

  sayNone() {
    const said = this.said && !this.set.spans.length;
    if (this.set.spans.length) this.set.keep([]);
    this.active = null;
    this.said = !said;
    this.draw();
    this.ctx.changed();
  }

  changed(key, span) {
    this.said = true;
    this.draw();
    this.say(key, span ?? {});
    this.reveal();
    this.ctx.changed();
  }

  say(key, span) {
    this.status.textContent = this.ctx.t(key, span.label ? { label: this.title(span.label), text: this.quote(span) } : {});
  }

  draw() {
    const { spans } = this.set;
    this.marks.show(spans, this.active);
    if (this.touched && this.text) this.marks.pick(...this.range, this.active ? this.edge : null);
    else this.marks.unpick();
    this.none.setAttribute("aria-pressed", String(this.said && !spans.length));
    this.list.show(spans);
  }

  /** Keep what the keyboard is at in view. */
  reveal() {
    const [start, end] = this.active ? this.range : this.cursor.head;
    const [range] = this.lines.ranges(start, end);
    if (range && this.touched) this.area.show(range);
    const [from, to] = this.range;
    this.voice.textContent = this.quote({ start: from, end: to });
  }

  fromMouse(event) {
    const found = this.stretch();
    if (!found) return;
    const [start, end] = found;
    if (start === end) {
      this.cursor.at(this.cursor.nearest(start) ?? [0, 0]);
      this.activate(this.set.under(start, start + 1));
      return;
    }
    const snapped = this.words.snap(start, end, event.altKey);
    if (!snapped) return;
    deselect(this.box);
    this.active = null;
    this.touched = true;
    this.cursor.at(snapped);
    this.draw();
  }

  /** On a touch screen the browser's own handles move the selection. */
  fromFinger() {
    const found = this.stretch();
    const snapped = found && found[0] < found[1] && this.words.snap(...found);
    if (!snapped) return;
    this.active = null;
    this.touched = true;
    this.cursor.at(snapped);
    this.draw();
  }

  stretch() {
    const found = selected(this.lines.element);
    if (!found) return null;
    const [from, to] = [this.lines.offset(found[0], found[1]), this.lines.offset(found[2], found[3])];
    return from === null || to === null ? null : [Math.min(from, to), Math.max(from, to)];
  }

  value() {
    if (!this.said) return null;
    const { points } = this;
    return this.set.spans
      .map(({ start, end, label }) => ({ start: points.count(start), end: points.count(end), label }))
      .sort((a, b) => a.start - b.start || a.end - b.end || (a.label < b.label ? -1 : 1));
  }

  take(value) {
    const { points } = this;
    this.said = Array.isArray(value);
    this.active = null;
    this.set.reset((value ?? []).map(({ start, end, label }) => ({ start: points.offset(start), end: points.offset(end), label })));
    this.draw();
  }

  widget() {
    return {
      element: this.element,
      value: () => this.value(),
      set: (value) => this.take(value),
      key: (event) => this.keys(event) || this.area.key(event),
      focus: () => this.box.focus({ preventScroll: true }),
      undo: () => this.undo(),
      problem: () => (this.said ? null : this.ctx.t("spans.missing")),
      destroy: () => this.destroy(),
    };
  }

  destroy() {
    document.removeEventListener("selectionchange", this.marking);
    window.removeEventListener("mouseup", this.released);
    this.marks.destroy();
    this.area.destroy();
  }
}
