// The questions of one task: their widgets, which of them are asked, which one the keys go to.

import { h } from "./dom.js";
import { holds } from "./conditions.js";
import { keyOf } from "./keys.js";

const WIDE = new Set(["spans", "text"]); // drawn beside the item's fields, not among the options

/** Seconds that each question was in front of the person while the window was visible. */
class Watch {
  constructor() {
    this.spent = {};
    this.on(null);
  }

  on(name) {
    const now = performance.now();
    if (this.name && !document.hidden) this.spent[this.name] = (this.spent[this.name] ?? 0) + (now - this.since) / 1000;
    this.name = name;
    this.since = now;
  }

  read() {
    this.on(this.name);
    return Object.fromEntries(Object.entries(this.spent).map(([name, spent]) => [name, Math.round(spent * 1000) / 1000]));
  }
}

export class Form {
  /**
   * makers: question type -> make(spec, ctx). context: {t, language, changed(form, name, how), submit()}.
   * panel: the element with the questions; stage: elements for beside the item.
   */
  constructor(task, makers, context) {
    this.task = task;
    this.context = context;
    this.watch = new Watch();
    this.rows = task.questions.map((spec) => this.row(spec, makers.get(spec.type)));
    this.panel = h("div", { class: this.rows.length > 1 ? "questions several" : "questions" }, ...this.rows.map((row) => row.section));
    this.stage = this.rows.map((row) => row.stage).filter(Boolean);
    this.card = null; // the element of the fields that no widget draws
    this.active = 0;
    this.refresh();
    this.activate(0);
  }

  row(spec, make) {
    const { t, language } = this.context;
    const row = { spec, asked: true };
    row.widget = make(spec, {
      t,
      language,
      order: this.task.order?.[spec.name] ?? [],
      fields: this.task.fields,
      draft: this.task.draft?.[spec.name],
      suggestion: this.task.suggestion?.[spec.name],
      changed: (how = {}) => this.changed(row, how ?? {}),
      submit: () => this.context.submit(),
    });
    const wide = WIDE.has(spec.type);
    const lack = h("p", { class: "lack" });
    row.lack = lack;
    row.stage = wide ? row.widget.element : (row.widget.stage ?? null);
    row.stage?.addEventListener("focusin", () => this.activate(this.rows.indexOf(row), row.section));
    row.section = h(
      "section",
      { class: "question", tabindex: "-1", "aria-label": spec.text, onfocusin: () => this.activate(this.rows.indexOf(row)) },
      h("h2", { dir: "auto" }, spec.text),
      spec.help ? h("p", { class: "hint", dir: "auto" }, spec.help) : null,
      wide ? null : row.widget.element,
      lack,
    );
    row.section.dataset.name = spec.name;
    return row;
  }

  changed(row, how) {
    row.lack.textContent = "";
    this.refresh();
    if (how.chosen && row === this.rows[this.active] && !row.widget.problem()) this.next();
    this.context.changed(this, row.spec.name, how);
  }

  /** Go on to the next question that is still open, if there is one below. */
  next() {
    const open = this.rows.findIndex((row, at) => at > this.active && row.asked && row.widget.value() === null);
    if (open >= 0) this.activate(open, true);
  }

  /** Show the questions whose conditions hold. An answer to one that is not asked counts as none. */
  refresh() {
    const values = {};
    for (const row of this.rows) {
      row.asked = holds(row.spec.when, values);
      row.section.hidden = !row.asked;
      if (row.asked) values[row.spec.name] = row.widget.value();
    }
    if (!this.rows[this.active ?? 0].asked) this.activate(this.rows.findIndex((row) => row.asked));
    else this.arrange();
  }

  /** The fields beside the questions were drawn: what a widget may draw in their place is theirs. */
  beside(card) {
    this.card = card;
    this.arrange();
  }

  /** Each text stands there once: responses with the marks of the question that the keys go to. */
  arrange() {
    const front = new Map(); // the responses -> the question that they stand for
    for (const row of this.asked) {
      const texts = row.spec.responses?.join("\n");
      if (texts && (!front.has(texts) || row === this.rows[this.active])) front.set(texts, row);
    }
    for (const row of this.rows) {
      const behind = row.spec.responses?.length && front.get(row.spec.responses.join("\n")) !== row;
      if (row.stage) row.stage.hidden = !row.asked || behind;
    }
    const marked = new Set(this.asked.map((row) => row.spec.type === "spans" && row.spec.field));
    for (const part of this.card?.children ?? []) part.hidden = marked.has(part.dataset.field);
  }

  /** scroll: an element of the question to bring into sight, true for all of them. */
  activate(at, scroll = null) {
    this.active = at;
    this.watch.on(this.rows[at].spec.name);
    this.rows.forEach((row, n) => row.section.classList.toggle("active", n === at));
    this.arrange();
    const { section, stage } = this.rows[at];
    for (const one of scroll === true ? [section, stage] : [scroll]) one?.scrollIntoView({ block: "nearest" });
  }

  get asked() {
    return this.rows.filter((row) => row.asked);
  }

  /** {question: value} of the asked questions that have one. */
  values() {
    const given = this.asked.map((row) => [row.spec.name, row.widget.value()]);
    return Object.fromEntries(given.filter(([, value]) => value !== null));
  }

  set(answers) {
    for (const row of this.rows) {
      if (answers && row.spec.name in answers) row.widget.set(answers[row.spec.name]);
      this.refresh();
    }
    const open = this.rows.findIndex((row) => row.asked && row.widget.value() === null);
    this.activate(Math.max(0, open));
  }

  /** Says at the first question that lacks something what it lacks; null when all is answered. */
  lack() {
    const row = this.asked.find((one) => one.widget.problem());
    if (!row) return null;
    const problem = row.widget.problem();
    row.lack.textContent = problem;
    this.activate(this.rows.indexOf(row), true);
    return problem;
  }

  /** Whether the key was for a question: its widget first, then the arrows between questions. */
  key(event) {
    if (this.rows[this.active].widget.key(event)) return true;
    const pressed = keyOf(event);
    if (pressed !== "ArrowDown" && pressed !== "ArrowUp") return false;
    return this.move(pressed === "ArrowDown" ? 1 : -1);
  }

  /** Take back the last change inside a question whose widget keeps them; false where there is none. */
  undo() {
    return !this.locked && Boolean(this.rows[this.active].widget.undo?.());
  }

  move(by) {
    let at = this.active + by;
    while (this.rows[at] && !this.rows[at].asked) at += by;
    if (!this.rows[at]) return this.asked.length > 1;
    this.activate(at, true);
    return true;
  }

  focus() {
    this.rows[this.active].widget.focus();
  }

  seconds() {
    const spent = this.watch.read();
    return Object.fromEntries(this.asked.map((row) => [row.spec.name, spent[row.spec.name] ?? 0]));
  }

  /**
   * The fields that the item's card shows: those that no widget draws itself. One that is marked
   * only under a condition stands there until then, by its name: other questions speak of it.
   */
  shown() {
    const drawn = new Set(this.task.questions.flatMap((spec) => spec.responses ?? []));
    const marked = this.task.questions.filter((spec) => spec.type === "spans");
    for (const spec of marked) if (spec.when) drawn.delete(spec.field);
    for (const spec of marked) if (!spec.when) drawn.add(spec.field);
    return this.task.fields.filter((field) => !drawn.has(field.name));
  }

  /** Nothing can be changed any more: only looked at. */
  lock(locked) {
    for (const element of [this.panel, ...this.stage]) {
      element.inert = locked;
      element.classList.toggle("locked", locked);
    }
    this.locked = locked;
  }

  pause() {
    this.watch.on(null);
  }

  resume() {
    this.watch.on(this.rows[this.active].spec.name);
  }

  destroy() {
    for (const row of this.rows) row.widget.destroy?.();
  }
}
