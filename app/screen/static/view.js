// The frame around the work: built once, filled for each item, so that nothing moves between items.

import { button, fill, h, keycap } from "./dom.js";
import { summary, snippet } from "./describe.js";
import { moment } from "./strings.js";

const RECENT = 8;

export class View {
  /** acts: what the buttons do, by name. root: the element of the component. */
  constructor(root, data, t, acts) {
    Object.assign(this, { root, data, t, acts });
    this.item = h("div", { class: "item", tabindex: "0", role: "region", "aria-label": t("item"), lang: data.content_language });
    this.key = h("span", { class: "key" });
    this.notice = h("span", { class: "notice", role: "status" });
    this.guide = h("aside", { class: "guide", "aria-label": t("guideline"), hidden: true });
    this.questions = h("div", { class: "asking" });
    this.verdict = h("div", { class: "verdict", role: "status", hidden: true });
    this.note = h("textarea", { class: "note", rows: "1", maxlength: "2000", placeholder: t("note_hint"), "aria-label": t("note"), oninput: acts.noted, onkeydown: (event) => this.noteKey(event) });
    this.recent = h("ol", { class: "recent" });
    this.layer = h("div", { class: "layer", hidden: true });
    this.said = h("div", { class: "sr-only", "aria-live": "polite" });
    this.buttons = {};
    this.scrolled = new Set();
    for (const box of [this.item, this.questions]) box.addEventListener("scroll", () => this.scrolled.add(box), { passive: true });
    fill(root, this.top(), this.work(), this.layer, this.said);
  }

  top() {
    const { t } = this;
    this.bar = h("i", {});
    this.count = h("span", { class: "count" });
    this.conflicts = this.tool("conflicts", null, { class: "chip bad", hidden: true });
    this.again = this.tool("sign_in", null, { class: "chip bad", hidden: true });
    this.status = h("span", { class: "status" });
    this.tag = h("span", { class: "badge", hidden: true });
    return h(
      "header",
      { class: "top" },
      h("h1", { dir: "auto" }, this.data.title),
      this.tag,
      h("div", { class: "day" }, h("span", { class: "bar", "aria-hidden": "true" }, this.bar), this.count),
      this.conflicts,
      h("span", { class: "state", role: "status" }, this.status),
      this.again,
      this.tool("guideline", "G", { hidden: !this.data.guideline?.length, "aria-expanded": "false" }),
      this.tool("help", "?", { "aria-label": t("help"), title: t("help") }, ""),
    );
  }

  work() {
    const { t } = this;
    const submit = this.tool("submit", "Enter", { class: "submit" });
    const tools = h(
      "div",
      { class: "tools" },
      this.tool("skip", "Space", {}),
      this.tool("undo", "U", {}),
      this.tool("flag", "F", {}),
      this.tool("note", "N", {}),
    );
    this.actions = h("div", { class: "actions" }, submit, tools, this.note);
    const past = h("section", { class: "past", "aria-label": t("recent") }, h("h2", {}, t("recent"), h("span", { class: "hint" }, keycap("←"), keycap("→"))), this.recent);
    const meta = h("div", { class: "meta" }, this.key, this.notice);
    this.stage = h("section", { class: "stage", "aria-label": t("item") }, meta, this.item, this.guide);
    this.panel = h("section", { class: "panel", "aria-label": t("answer") }, this.questions, this.actions, this.verdict, past);
    this.grid = h("div", { class: "work" }, this.stage, this.panel);
    return this.grid;
  }

  tool(name, key, attributes, words = this.t(name)) {
    const shortcut = key === "?" ? "Shift+?" : key;
    const made = button(
      { class: "tool", "aria-keyshortcuts": shortcut, onclick: () => this.acts[name](), ...attributes },
      key ? keycap(key) : null,
      h("span", {}, words),
    );
    made.classList.add("tool", `to-${name}`);
    this.buttons[name] = made;
    return made;
  }

  /** Show an item with its questions. card: the element of its fields, null when widgets draw all. */
  show(form, card, { title, badge, note }) {
    this.grid.classList.remove("blank");
    this.grid.classList.toggle("wide", form.stage.some((element) => element.classList.contains("responses")));
    const lead = note ? h("p", { class: "lead-note", dir: "auto" }, h("b", {}, this.t("lead_note")), h("br"), note) : null;
    fill(this.item, lead, card, ...form.stage);
    fill(this.questions, form.panel);
    this.rewind();
    this.key.textContent = title;
    this.badge(badge);
    this.can(true);
  }

  /** To the top, where something was scrolled: to ask where it stands would lay the page out anew. */
  rewind() {
    for (const box of this.scrolled) box.scrollTop = 0;
    this.scrolled.clear();
  }

  /** In place of an item: why there is none. acts: [words, function] of buttons. */
  blank(name, title, message, acts = []) {
    this.grid.classList.add("blank");
    this.grid.dataset.screen = name;
    const buttons = acts.map(([words, act]) => button({ class: "tool framed", onclick: act }, h("span", {}, words)));
    fill(this.item, h("div", { class: "empty" }, h("h2", {}, title), message ? h("p", { dir: "auto" }, message) : null, h("div", { class: "row" }, ...buttons)));
    fill(this.questions);
    this.key.textContent = "";
    this.badge("");
    this.can(false);
  }

  can(work) {
    for (const name of ["submit", "skip", "flag", "note"]) this.buttons[name].disabled = !work;
    this.note.disabled = !work;
  }

  submitAs(words) {
    this.buttons.submit.lastChild.textContent = words;
  }

  write(note) {
    this.note.value = note;
    this.note.classList.toggle("open", Boolean(note));
  }

  /** On a phone the note is there once it is asked for. */
  openNote() {
    if (this.note.disabled) return;
    this.note.classList.add("open");
    this.note.focus();
  }

  noteKey(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    this.acts.left();
  }

  badge(words) {
    this.tag.hidden = !words;
    this.tag.textContent = words;
  }

  /** One line beside the item's key. kind: "", "good", "ask" or "bad". */
  tell(words, kind = "") {
    this.notice.textContent = words;
    this.notice.className = `notice ${kind}`;
    this.notice.title = words;
  }

  /** For screen readers alone. */
  say(words) {
    this.said.textContent = words;
  }

  /** Nothing before the server has said how the day stands. */
  day(day) {
    this.count.hidden = !day;
    if (!day) return;
    const { answered = 0, waiting = 0, goal = null, more = false } = day;
    const all = goal || answered + waiting;
    this.bar.style.inlineSize = `${all ? Math.min(100, (100 * answered) / all) : 0}%`;
    const key = goal ? "day_goal" : more ? "day_more" : "day";
    this.count.textContent = this.t(key, { answered, waiting, goal: goal ?? 0 });
  }

  state(kind, words) {
    this.status.hidden = !words;
    this.status.textContent = words;
    this.status.className = `status ${kind}`;
  }

  signedOut(out) {
    this.again.hidden = !out;
  }

  history(entries, shown) {
    const rows = entries.slice(0, Math.max(RECENT, entries.indexOf(shown) + 1)).map((entry) => this.entry(entry, entry === shown));
    fill(this.recent, ...rows);
    this.buttons.undo.disabled = !entries.some((entry) => entry.revisable);
  }

  entry(entry, shown) {
    const words = entry.kind === "skip" ? this.t("skipped") : summary(entry.task, entry.answers, this.t);
    const open = button(
      { class: "entry", "aria-current": shown ? "true" : false, onclick: () => this.acts.look(entry) },
      h("b", { dir: "auto" }, words),
      h("span", { dir: "auto" }, snippet(entry.task)),
      h("time", {}, moment(entry.at, this.data.language)),
    );
    return h("li", { class: entry.kind }, open);
  }

  trouble(count) {
    this.conflicts.hidden = count === 0;
    this.conflicts.lastChild.textContent = this.t("conflicts_count", { count });
  }

  scroll(by) {
    this.item.scrollBy({ top: by * this.item.clientHeight * 0.9 });
  }
}
