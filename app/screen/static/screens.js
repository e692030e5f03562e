// What the desk says: its state, why there is no item, what the keys do, what was shown with an item.

import { button, h, keycap } from "./dom.js";
import { describe } from "./describe.js";
import { moment } from "./strings.js";

const STATES = { offline: "offline", down: "offline", "signed out": "bad" };

export class Screens {
  constructor(desk, t) {
    Object.assign(this, { desk, t });
    this.moved = false; // whether the person has touched the answer since it was shown
  }

  /** [kind, words] of the state of saving. */
  status() {
    const { t, desk } = this;
    const count = desk.outbox.unsaved;
    if (desk.active === false) return ["", ""];
    if (!desk.shelf.works) return ["bad", t("keeps_nothing")];
    const trouble = desk.active && STATES[desk.sync.state];
    if (trouble) return [trouble, t(`state_${desk.sync.state.replace(" ", "_")}`, { count })];
    return count ? ["busy", t("saving")] : ["good", t("saved")];
  }

  /** {name, title, message, acts} of a screen in place of the item; null when there is an item. */
  instead(task) {
    const { t, desk } = this;
    if (desk.active === false) return this.screen("elsewhere", "", [[t("work_here"), () => desk.tab.take()]]);
    const { name, message } = desk.state;
    const again = [[t("look_again"), () => desk.sync.soon()]];
    if (desk.past.shown) return null;
    if (name === "frozen" || name === "paused") return this.screen(name, message, again);
    if (task) return null;
    if (desk.sync.state === "signed out") return this.screen("signed_out", "", [[t("sign_in"), () => desk.reload()]]);
    if (STATES[desk.sync.state]) return this.screen("offline", "", again);
    const underWay = name === "loading" || name === "working" || (name === "training" && !message);
    return underWay ? this.screen("loading", "", []) : this.screen(name, message, again);
  }

  /** The server's own words say more than ours, where it has some. */
  screen(name, message, acts) {
    return { name, title: this.t(`screen_${name}`), message: message || this.t(`screen_${name}_help`), acts };
  }

  /** {title, badge} above an item; note: what a lead who sent it back says. */
  heading(task, entry) {
    const { t } = this;
    const badge = entry ? t("past") : task.training ? t("training") : task.mode === "suggest" ? t("suggest") : "";
    return { title: task.key, badge, note: entry ? null : task.lead_note };
  }

  past(entry) {
    const { t, desk } = this;
    const at = moment(entry.at, desk.data.language);
    const skipped = entry.kind === "skip" ? "skip_" : "";
    return t(entry.revisable ? `past_${skipped}help` : "past_frozen", { at });
  }

  /** Show what the model suggests, where the task says it may be seen. */
  suggest(form) {
    this.moved = false;
    this.suggested = null;
    const { task } = form;
    if (task.mode !== "suggest" || !task.suggestion || this.desk.past.shown) return;
    this.suggested = task.suggestion;
    for (const row of form.rows) {
      const value = task.suggestion[row.spec.name];
      if (value === undefined || row.spec.type === "text") continue;
      const words = describe(row.spec, value, this.t, task.order?.[row.spec.name]);
      const free = this.acceptKey ? keycap("A") : null;
      const take = button({ class: "tool suggestion", "aria-keyshortcuts": free ? "A" : false, onclick: () => this.accept() }, free, h("span", { dir: "auto" }, this.t("suggests", { answer: words })));
      row.section.querySelector("h2").after(take);
    }
  }

  /** Whether A accepts: a label that has it as its own key keeps it. */
  get acceptKey() {
    const options = (this.desk.form ?? { rows: [] }).rows.flatMap(({ spec }) => spec.options ?? []);
    return Boolean(this.suggested) && !options.some((option) => option.key === "a");
  }

  /** Take the suggestion over, and submit when nothing else is open. */
  accept() {
    const { form } = this.desk;
    if (!this.suggested || !form || this.desk.held.on) return false;
    form.set({ ...form.values(), ...this.suggested });
    this.desk.keep();
    if (form.asked.every((row) => row.spec.name in this.suggested)) this.desk.deeds.submit();
    return true;
  }

  /** What the browser showed with an answer. */
  exposure(task) {
    const shown = { mode: task.mode };
    if (this.suggested) Object.assign(shown, { suggestion: this.suggested, touched: this.moved });
    if (task.order && Object.keys(task.order).length) shown.order = task.order;
    return shown;
  }

  /** [title, [[keys, words]]] for the list of all keys. */
  keys() {
    const { t, desk } = this;
    const general = [
      [["Enter"], t("submit")],
      [["Ctrl+Enter"], t("key_ctrl_enter")],
      [["Space"], t("skip")],
      [["U", "Ctrl+Z"], t("undo")],
      [["F"], t("flag")],
      [["N"], t("note")],
      [["←", "→"], t("key_history")],
      [["↑", "↓"], t("key_questions")],
      [["Page ↑", "Page ↓"], t("key_scroll")],
      [["G"], t("guideline")],
      [["Esc"], t("key_escape")],
      [["?"], t("help")],
    ];
    if (this.acceptKey) general.splice(2, 0, [["A"], t("key_accept")]);
    const questions = (desk.form?.asked ?? []).map(({ spec }) => [spec.text, this.own(spec)]);
    return [[t("keys_all"), general], ...questions.filter(([, rows]) => rows.length)];
  }

  own(spec) {
    const { t } = this;
    if (spec.type === "rating") return [[["0 – 9"], t("key_points")], [["+", "−"], t("key_nudge")]];
    if (spec.type === "ranking") return [[["1", "2", "…"], t("ranking_help")]];
    if (spec.type === "preference") {
      const rows = [[["1", "2", "…"], spec.strength ? t("key_response_strength") : t("key_response")]];
      return spec.tie ? [...rows, [["0"], t("tie")]] : rows;
    }
    const rows = (spec.options ?? []).slice(0, 40).map((option, at) => {
      const keys = ["1234567890"[at], option.key?.toUpperCase()].filter(Boolean);
      return [keys.length ? keys : ["/"], option.title];
    });
    return (spec.options ?? []).length > 10 ? [[["/"], t("filter")], ...rows] : rows;
  }
}
