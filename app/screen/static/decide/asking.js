// What is asked for a moment: to whom an item goes back and why, and what the keys are.

import { button, h, keycap } from "../dom.js";

/** done(comment, id of a person or null). */
export function sendBack(court, done) {
  const { t, dialogs } = court;
  const one = court.case;
  const people = one.answers.map((answer, at) => ({ answer, at })).filter(({ answer }) => !answer.skipped);
  const to = [[null, t("decide.to_another")], ...people.map(({ answer, at }) => [answer.person, t("decide.to_person", { who: court.called(at), answer: answer.words })])];
  let chosen = 0;
  const rows = to.map(([, words], at) => button({ class: "option", role: "radio", "aria-checked": String(at === 0), onclick: () => pick(at) }, h("span", { class: "tick" }), h("span", { class: "words", dir: "auto" }, words)));
  const pick = (at) => {
    chosen = at;
    rows.forEach((row, each) => row.setAttribute("aria-checked", String(each === at)));
  };
  const comment = h("textarea", { rows: "3", maxlength: "2000", "aria-label": t("decide.back_comment"), placeholder: t("decide.back_comment") });
  comment.value = court.bench.note.value;
  const send = () => {
    const words = comment.value.trim();
    if (!words) return comment.focus();
    dialogs.close();
    done(words, to[chosen][0]);
  };
  const submit = button({ class: "tool submit", onclick: send }, keycap("Ctrl+Enter"), h("span", {}, t("decide.send_back")));
  const content = [h("p", { class: "hint" }, t("decide.back_help")), comment, h("div", { class: "options", role: "radiogroup", "aria-label": t("decide.to") }, ...rows), h("div", { class: "row" }, submit)];
  dialogs.show("back", t("decide.back_title", { key: one.key }), content, (key, how) => {
    if (how === "plain" && ["ArrowUp", "ArrowDown"].includes(key)) return pick((chosen + (key === "ArrowUp" ? to.length - 1 : 1)) % to.length), true;
    if (key !== "Enter" || how !== "ctrl") return false;
    send();
    return true;
  });
}

/** [keys, words] of everything that can be pressed. */
export function helpRows(t, data) {
  const rows = [
    [["1", "…", "9"], t("decide.key_choose")],
    [["↑", "↓"], t("decide.key_step")],
    [["Enter"], t("decide.key_decide")],
    [["A"], t("decide.key_ambiguous")],
    [["B"], t("decide.key_send_back")],
    [["U"], t("decide.key_undo")],
    [["←", "→"], t("decide.key_walk")],
    [["N"], t("decide.note")],
    [["P"], t("decide.names")],
    [["G"], t("guideline")],
    [["Esc"], t("key_escape")],
  ];
  if (data.questions.length > 1) rows.push([["Q"], t("decide.key_question")]);
  return rows;
}
