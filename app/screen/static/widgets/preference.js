// Which of several responses is better, by how much, or a tie.

import { button, h } from "../dom.js";
import { digitsOf, optionList } from "./options.js";
import { responseCards } from "./responses.js";

const TIE = "tie";

export function make(spec, ctx) {
  const { t } = ctx;
  const levels = spec.strength ?? 0;
  const { element: stage, cards } = responseCards(spec, ctx, pick);
  const digits = digitsOf(cards.length);
  const options = cards.map(({ letter, title }, at) => ({ value: letter, title, digit: digits[at] }));
  if (spec.tie) options.push({ value: TIE, title: t("tie"), description: t("tie_help"), digit: "0" });
  const list = optionList({ options, name: spec.text, multiple: false, t, pick });
  const steps = Array.from({ length: levels }, (_, at) => stepButton(at + 1));
  const strengths = levels
    ? h("div", { class: "strength", role: "radiogroup", "aria-label": t("strength") }, ...steps)
    : null;
  const hint = levels ? h("p", { class: "hint" }, t("strength_help")) : null;
  const element = h("div", {}, list.element, strengths, hint);
  let choice = null;
  let strength = 0;

  function stepButton(step) {
    const act = () => {
      strength = step;
      draw();
      ctx.changed({});
    };
    const words = levels <= 3 ? t(`strength.${levels}.${step}`) : t("strength.step", { step });
    return button({ class: "point", role: "radio", onclick: act }, words);
  }

  /** The same response again: one step stronger, after the strongest the weakest again. */
  function pick(letter) {
    strength = letter === TIE ? 0 : letter === choice ? (strength % Math.max(levels, 1)) + 1 : 1;
    choice = letter;
    draw();
    ctx.changed({ chosen: !levels || letter === TIE });
  }

  function draw() {
    list.mark(choice === null ? [] : [choice]);
    for (const { letter, card } of cards) card.classList.toggle("chosen", letter === choice);
    const graded = choice !== null && choice !== TIE;
    strengths?.classList.toggle("off", !graded);
    steps.forEach((one, at) => {
      one.disabled = !graded;
      one.setAttribute("aria-checked", String(graded && strength === at + 1));
    });
  }

  function value() {
    if (choice === null || !levels) return choice;
    return choice === TIE ? { choice } : { choice, strength };
  }

  function set(given) {
    choice = (levels ? given?.choice : given) ?? null;
    strength = (levels && given?.strength) || 0;
    draw();
  }

  draw();
  const problem = () => (choice === null ? t("choose_response") : null);
  return { element, stage, value, set, key: list.key, focus: list.focus, problem };
}
