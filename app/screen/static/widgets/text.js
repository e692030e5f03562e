// A text: written, or a draft accepted, corrected or rejected, with what was changed shown at once.

import { button, fill, h, keycap } from "../dom.js";
import { keyOf } from "../keys.js";
import { visible } from "../fields/signs.js";
import { diff } from "./diff.js";

const SLOW_MS = 30; // a comparison that takes longer waits until the person pauses
const PAUSE_MS = 250;

/** The value is {verdict: "accept" | "fix" | "reject" | "write", text}; null until it is said. */
export function make(spec, ctx) {
  return new Text(spec, ctx).widget();
}

class Text {
  constructor(spec, ctx) {
    this.spec = spec;
    this.ctx = ctx;
    this.draft = draftOf(spec, ctx);
    this.drafted = this.draft.trim() !== "";
    this.verdict = null;
    this.slow = 0;
    this.build();
    this.write(this.draft);
  }

  build() {
    const { t } = this.ctx;
    this.input = h("textarea", { class: "ca-input", dir: "auto", rows: this.drafted ? "2" : "4", "aria-label": this.spec.text || t("text.label"), oninput: () => this.typed(), onkeydown: (event) => this.inside(event) });
    this.count = h("span", { class: "ca-count" });
    this.verdicts = this.drafted
      ? new Map([
          ["accept", this.chip("accept", "A", () => this.accept())],
          ["fix", this.chip("fix", "E", () => this.input.focus())],
          ["reject", this.chip("reject", "X", () => this.reject())],
        ])
      : new Map();
    const chips = h("div", { class: "ca-verdicts", role: "group", "aria-label": t("text.verdict") }, ...this.verdicts.values());
    this.changes = h("div", { class: "ca-diff", dir: "auto", role: "region", "aria-label": t("text.changes") });
    this.compare = h("section", { class: "ca-compare", hidden: true }, h("h3", { class: "ca-name" }, t("text.changes")), this.changes);
    this.element = h("div", { class: "ca-text", tabindex: "-1" }, this.drafted ? chips : null, this.input, h("div", { class: "ca-under" }, this.count), this.compare);
  }

  chip(verdict, key, act) {
    return button({ class: `ca-label ca-${verdict}`, "aria-pressed": "false", "aria-keyshortcuts": key, onclick: act }, h("span", {}, this.ctx.t(`text.${verdict}`)), keycap(key));
  }

  accept() {
    if (this.input.value !== lines(this.draft)) this.replace(this.draft);
    this.say("accept");
  }

  reject() {
    this.say("reject");
    if (this.focused()) this.leave();
  }

  typed() {
    if (!this.drafted) this.verdict = this.input.value.trim() ? "write" : null;
    else this.verdict = this.input.value === lines(this.draft) ? null : "fix";
    this.draw();
    this.ctx.changed();
  }

  say(verdict) {
    this.verdict = verdict;
    this.draw();
    this.ctx.changed();
  }

  /** Put a text into the field; the browser's own undo brings back what was there. */
  replace(text) {
    const before = this.input.getRootNode().activeElement;
    this.input.focus({ preventScroll: true });
    this.input.select();
    if (!document.execCommand?.("insertText", false, text)) this.input.value = text;
    if (before !== this.input) this.leave();
  }

  write(text) {
    this.input.value = text;
    this.draw();
  }

  draw() {
    for (const [verdict, chip] of this.verdicts) chip.setAttribute("aria-pressed", String(verdict === this.verdict));
    this.element.classList.toggle("ca-rejected", this.verdict === "reject");
    this.grow();
    this.counted();
    clearTimeout(this.later);
    if (this.slow > SLOW_MS) this.later = setTimeout(() => this.compared(), PAUSE_MS);
    else this.compared();
  }

  /** As high as its text; the style sheet does it where the browser can. */
  grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
  }

  counted() {
    const { min, max } = this.spec;
    const count = length(this.input.value);
    const key = max ? "text.count" : "text.length";
    this.count.textContent = this.ctx.t(key, max ? { n: count, max } : { count });
    this.count.classList.toggle("ca-bad", Boolean((max && count > max) || (min && count > 0 && count < min)));
  }

  compared() {
    const shown = this.drafted && this.verdict === "fix";
    this.compare.hidden = !shown;
    if (!shown) return;
    const start = performance.now();
    fill(this.changes, ...diff(lines(this.draft), this.input.value).map(drawPart));
    this.slow = performance.now() - start;
  }

  focused() {
    return this.input.getRootNode().activeElement === this.input;
  }

  leave() {
    this.input.blur();
    this.element.focus({ preventScroll: true });
  }

  /** Keys inside the field belong to the text, but for leaving it and submitting. */
  inside(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") this.leave();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.ctx.submit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Keys outside the field. */
  key(event) {
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (target instanceof Element && target.matches("input, textarea, select")) return false;
    const pressed = keyOf(event);
    if (pressed === "e") this.input.focus();
    else if (pressed === "a" && this.drafted) this.accept();
    else if (pressed === "x" && this.drafted) this.reject();
    else return false;
    return true;
  }

  value() {
    if (this.verdict === null) return null;
    if (this.verdict === "reject") return { verdict: "reject", text: "" };
    return { verdict: this.verdict, text: this.verdict === "accept" ? this.draft : this.input.value };
  }

  take(value) {
    this.verdict = value?.verdict ?? null;
    const kept = this.verdict === "fix" || this.verdict === "write";
    this.write(kept ? value.text : this.draft);
  }

  problem() {
    const { t } = this.ctx;
    if (this.verdict === "accept" || this.verdict === "reject") return null;
    if (this.verdict === null) return t(this.drafted ? "text.missing" : "text.missing_write");
    const { min, max } = this.spec;
    const count = length(this.input.value);
    if (!this.input.value.trim()) return t(this.drafted ? "text.blank" : "text.missing_write");
    if (max && count > max) return t("text.long", { n: count, max });
    if (min && count < min) return t("text.short", { n: count, min });
    return null;
  }

  widget() {
    return {
      element: this.element,
      value: () => this.value(),
      set: (value) => this.take(value),
      key: (event) => this.key(event),
      focus: () => (this.drafted ? this.element : this.input).focus({ preventScroll: true }),
      problem: () => this.problem(),
      destroy: () => clearTimeout(this.later),
    };
  }
}

/** The text that is edited: of an item field, or the model's; "" where there is none. */
function draftOf(spec, ctx) {
  if (!spec.draft) return "";
  if (spec.draft === "model") return ctx.suggestion?.text ?? (typeof ctx.suggestion === "string" ? ctx.suggestion : "");
  const field = ctx.fields.find(({ name }) => name === spec.draft);
  return field?.source ?? field?.text ?? "";
}

/** Text areas have one kind of line end. */
function lines(text) {
  return text.replace(/\r\n?/g, "\n");
}

/** Code points, as Python counts them. */
function length(text) {
  let count = text.length;
  for (let at = 0; at < text.length; at += 1) if ((text.charCodeAt(at) & 0xfc00) === 0xdc00 && at > 0 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800) count -= 1;
  return count;
}

function drawPart({ kind, text }) {
  if (kind === "same") return visible(text);
  return h(kind === "gone" ? "del" : "ins", {}, visible(text).replace(/\n/g, "⏎\n"));
}
