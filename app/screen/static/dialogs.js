// What opens above the work for a moment: reasons, a flag, all keys, answers that met a conflict.

import { button, fill, h, keycap } from "./dom.js";
import { keyOf } from "./keys.js";
import { moment } from "./strings.js";

const REASONS = ["unclear", "several", "language", "broken", "expert"];

export class Dialogs {
  constructor(layer, t, language, closed) {
    Object.assign(this, { layer, t, language, closed });
    this.open = null;
    layer.addEventListener("click", (event) => event.target === layer && this.close());
  }

  /** Show `content` under this title; keys go to onKey(key), which returns whether it used them. */
  show(name, title, content, onKey = () => false) {
    const shut = button({ class: "tool shut", "aria-label": this.t("close"), onclick: () => this.close() }, keycap("Esc"));
    const box = h(
      "div",
      { class: `dialog ${name}`, role: "dialog", "aria-modal": "true", "aria-label": title, tabindex: "-1" },
      h("header", {}, h("h2", {}, title), shut),
      ...content,
    );
    fill(this.layer, box);
    this.layer.hidden = false;
    this.open = { name, onKey, box, before: document.activeElement };
    (box.querySelector("textarea, input[type=text]") ?? box).focus({ preventScroll: true });
  }

  close() {
    const before = this.open?.before;
    this.open = null;
    this.layer.hidden = true;
    fill(this.layer);
    if (before?.isConnected && before !== document.body) before.focus({ preventScroll: true });
    this.closed();
  }

  /** Keys while a dialog is open: none reaches the work behind it. */
  key(pressed, event, how) {
    if (pressed === "Escape") this.close();
    else if (pressed === "Tab") return this.cycle(event.shiftKey);
    else if (this.open.onKey(pressed, how)) return true;
    else return how === "plain" && !["Enter", "Space"].includes(pressed) && !/^(Arrow|Page|Home|End)/.test(pressed);
    return true;
  }

  cycle(backwards) {
    const stops = [...this.open.box.querySelectorAll("button, input, textarea, select")].filter((one) => !one.disabled);
    const at = stops.indexOf(document.activeElement) + (backwards ? -1 : 1);
    stops[(at + stops.length) % stops.length]?.focus();
    return true;
  }

  /** Why an item is skipped: a digit gives a reason, Space or Enter none. */
  skip(done) {
    const { t } = this;
    const pick = (reason) => {
      this.close();
      done(reason);
    };
    const rows = REASONS.map((name, at) => {
      const reason = t(`reason.${name}`);
      return button({ class: "option", onclick: () => pick(reason) }, h("span", { class: "keys" }, keycap(String(at + 1))), h("span", { class: "words" }, reason));
    });
    const none = button({ class: "option", onclick: () => pick("") }, h("span", { class: "keys" }, keycap("Space")), h("span", { class: "words" }, t("reason_none")));
    this.show("skip", t("skip_title"), [h("div", { class: "options" }, ...rows, none)], (pressed) => {
      const at = Number(pressed) - 1;
      if (pressed === "Space" || pressed === "Enter") pick("");
      else if (REASONS[at]) pick(t(`reason.${REASONS[at]}`));
      else return false;
      return true;
    });
  }

  flag(done) {
    const { t } = this;
    const comment = h("textarea", { rows: "3", maxlength: "2000", "aria-label": t("flag_comment"), placeholder: t("flag_comment") });
    const send = () => {
      const words = comment.value.trim();
      this.close();
      done(words);
    };
    const row = h("div", { class: "row" }, button({ class: "tool submit", onclick: send }, keycap("Ctrl+Enter"), h("span", {}, t("flag_send"))));
    this.show("flag", t("flag_title"), [h("p", { class: "hint" }, t("flag_help")), comment, row], (pressed, how) => {
      if (pressed !== "Enter" || (how === "typing")) return false;
      send();
      return true;
    });
  }

  /** rows: [keys, words]; settings: elements below. */
  help(groups, settings) {
    const { t } = this;
    const tables = groups.map(([title, rows]) =>
      h(
        "section",
        {},
        h("h3", { dir: "auto" }, title),
        h("dl", {}, ...rows.flatMap(([keys, words]) => [h("dt", {}, ...keys.map(keycap)), h("dd", { dir: "auto" }, words)])),
      ),
    );
    const content = [h("div", { class: "columns" }, ...tables), h("div", { class: "settings" }, ...settings)];
    this.show("help", t("help"), content, (pressed) => {
      if (pressed !== "?") return false;
      this.close();
      return true;
    });
  }

  /** Answers that were not stored, each with what was answered and why. */
  conflicts(all, dismiss) {
    const { t } = this;
    const rows = all.map((conflict) => {
      const row = h(
        "li",
        {},
        h("div", {}, h("b", {}, conflict.about.key), " ", h("time", {}, moment(conflict.at, this.language))),
        h("p", { dir: "auto" }, conflict.message),
        h("p", { class: "kept", dir: "auto" }, conflict.about.words),
        button({ class: "tool framed", onclick: () => (dismiss(conflict), row.remove()) }, h("span", {}, t("dismiss"))),
      );
      return row;
    });
    this.show("conflicts", t("conflicts"), [h("p", { class: "hint" }, t("conflicts_help")), h("ul", {}, ...rows)]);
  }
}
