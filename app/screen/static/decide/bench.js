// The frame around a case: the item and the guideline to the left, what was said of it to the right.

import { button, fill, h, keycap } from "../dom.js";
import { render } from "../fields/index.js";
import { card, choices, earlier, flags, given, machine } from "./parts.js";

export class Bench {
  /** acts: what the buttons do, by name. root: the element of the component. */
  constructor(root, data, t, acts) {
    Object.assign(this, { root, data, t, acts });
    this.item = h("div", { class: "item", tabindex: "0", role: "region", "aria-label": t("item"), lang: data.content_language });
    this.key = h("span", { class: "key" });
    this.notice = h("span", { class: "notice", role: "status" });
    this.guide = h("aside", { class: "guide", "aria-label": t("guideline"), hidden: true });
    this.said = h("div", { class: "asking", role: "region", "aria-label": t("decide.said") });
    this.note = h("textarea", { class: "note open", rows: "1", maxlength: "2000", placeholder: t("decide.note_hint"), "aria-label": t("decide.note") });
    this.layer = h("div", { class: "layer", hidden: true });
    this.buttons = {};
    this.fields = null;
    fill(root, this.top(), this.work(), this.layer);
  }

  top() {
    const { t, data } = this;
    this.questions = h("div", { class: "ask-of", role: "group", "aria-label": t("decide.question"), hidden: data.questions.length < 2 });
    this.count = h("span", { class: "count" });
    this.status = h("span", { class: "status" });
    this.trouble = this.tool("conflicts", null, { class: "chip bad", hidden: true });
    const edit = data.edit ? h("a", { class: "tool", href: data.edit, target: "_self" }, t("decide.edit")) : null;
    return h(
      "header",
      { class: "top" },
      h("h1", { dir: "auto" }, data.title),
      this.questions,
      h("div", { class: "day" }, this.count),
      this.trouble,
      h("span", { class: "state", role: "status" }, this.status),
      this.tool("names", "P", { "aria-pressed": "false" }, t("decide.names")),
      this.tool("guideline", "G", { hidden: !data.guideline?.length, "aria-expanded": "false" }, t("guideline")),
      edit,
      this.tool("help", "?", { "aria-label": t("help"), title: t("help") }, ""),
    );
  }

  work() {
    const { t } = this;
    const decide = this.tool("decide", "Enter", { class: "submit" }, t("decide.decide"));
    const tools = h(
      "div",
      { class: "tools" },
      this.tool("ambiguous", "A", {}, t("decide.ambiguous")),
      this.tool("send_back", "B", {}, t("decide.send_back")),
      this.tool("undo", "U", {}, t("decide.undo")),
      this.tool("before", "←", { "aria-label": t("decide.before"), title: t("decide.before") }, ""),
      this.tool("behind", "→", { "aria-label": t("decide.behind"), title: t("decide.behind") }, ""),
    );
    const meta = h("div", { class: "meta" }, this.key, this.notice);
    this.stage = h("section", { class: "stage", "aria-label": t("item") }, meta, this.item, this.guide);
    this.panel = h("section", { class: "panel" }, this.said, h("div", { class: "actions" }, this.note, decide, tools));
    this.grid = h("div", { class: "work" }, this.stage, this.panel);
    return this.grid;
  }

  tool(name, key, attributes, words = this.t(name)) {
    const shortcut = { "?": "Shift+?", "←": "ArrowLeft", "→": "ArrowRight" }[key] ?? key;
    const made = button(
      { "aria-keyshortcuts": shortcut, onclick: () => this.acts[name](), ...attributes },
      key ? keycap(key) : null,
      h("span", {}, words),
    );
    made.classList.add("tool", `to-${name}`);
    this.buttons[name] = made;
    return made;
  }

  /** Draw the case on the desk. */
  show(court) {
    const { case: one, t } = court;
    const fresh = this.shown !== one;
    if (fresh) this.drawItem(one);
    this.shown = one;
    this.grid.classList.remove("blank");
    this.key.textContent = [one.key, one.done ? t(`decide.did.${one.done.kind}`) : ""].filter(Boolean).join(" · ");
    this.rows = choices(court, (at) => this.acts.choose(at));
    fill(
      this.said,
      h("h2", { dir: "auto", lang: this.data.content_language }, court.asking?.text ?? ""),
      court.asking?.help ? h("p", { class: "hint", dir: "auto" }, court.asking.help) : null,
      h("div", { class: "options", role: "radiogroup", "aria-label": court.asking?.text ?? "" }, ...this.rows),
      card(t("decide.answers"), given(court)),
      card(t("decide.model"), machine(court)),
      card(t("decide.flags"), flags(court)),
      card(t("decide.earlier"), earlier(court)),
    );
    if (fresh) this.said.scrollTop = this.item.scrollTop = 0;
    this.choose(court.chosen);
    this.can(true);
  }

  drawItem(one) {
    this.fields?.destroy?.();
    this.fields = render(one.fields, { t: this.t, language: this.data.language });
    fill(this.item, this.fields.element);
  }

  choose(at) {
    this.rows?.forEach((row, each) => row.setAttribute("aria-checked", String(each === at)));
    this.rows?.[at]?.scrollIntoView({ block: "nearest" });
  }

  blank([title, message]) {
    this.clear();
    this.grid.classList.add("blank");
    this.key.textContent = "";
    fill(this.item, h("div", { class: "empty" }, h("h2", {}, title), message ? h("p", { dir: "auto" }, message) : null));
    fill(this.said);
    this.can(false);
  }

  clear() {
    this.fields?.destroy?.();
    this.fields = this.shown = this.rows = null;
  }

  can(work) {
    for (const name of ["decide", "ambiguous", "send_back"]) this.buttons[name].disabled = !work;
    this.note.disabled = !work;
  }

  tell(words, kind = "") {
    this.notice.textContent = words;
    this.notice.className = `notice ${kind}`;
    this.notice.title = words;
  }

  state(kind, words) {
    this.status.textContent = words;
    this.status.className = `status ${kind}`;
  }

  /** What stands around a case. */
  around(court) {
    const { t } = this;
    const troubles = court.conflicts.all.length;
    this.trouble.hidden = troubles === 0;
    this.trouble.lastChild.textContent = t("conflicts_count", { count: troubles });
    this.count.textContent = court.waiting === null ? "" : t("decide.waiting", { count: Math.max(0, court.waiting) });
    this.buttons.names.setAttribute("aria-pressed", String(court.names));
    this.buttons.names.lastChild.textContent = t(court.names ? "decide.names_hide" : "decide.names");
    fill(
      this.questions,
      ...this.data.questions.map((name) => button({ class: "tool", "aria-current": name === court.question ? "true" : false, onclick: () => this.acts.ask(name) }, h("span", {}, name))),
    );
  }
}
