// All responses from best to worst: keys are pressed in that order.

import { h } from "../dom.js";
import { digitsOf, optionList } from "./options.js";
import { responseCards } from "./responses.js";

export function make(spec, ctx) {
  const { t } = ctx;
  const { element: stage, cards } = responseCards(spec, ctx, pick);
  const digits = digitsOf(cards.length);
  const options = cards.map(({ letter, title }, at) => ({ value: letter, title, digit: digits[at] }));
  const list = optionList({ options, name: spec.text, multiple: true, ranked: true, t, pick });
  const element = h("div", { class: "ranking" }, list.element, h("p", { class: "hint" }, t("ranking_help")));
  let ranked = [];

  /** The next best one; one that is ranked already goes out again. The last place fills itself. */
  function pick(letter) {
    if (ranked.includes(letter)) ranked = ranked.filter((one) => one !== letter);
    else ranked = [...ranked, letter];
    const left = cards.map((card) => card.letter).filter((one) => !ranked.includes(one));
    if (left.length === 1 && ranked.includes(letter)) ranked.push(left[0]);
    draw();
    ctx.changed({ chosen: ranked.length === cards.length });
  }

  function draw() {
    list.mark(ranked);
    for (const { letter, card, tag } of cards) {
      const at = ranked.indexOf(letter);
      card.classList.toggle("chosen", at >= 0);
      tag.textContent = at < 0 ? "" : t("rank", { rank: at + 1 });
    }
  }

  function set(value) {
    ranked = [...(value ?? [])];
    draw();
  }

  draw();
  return {
    element,
    stage,
    value: () => (ranked.length ? [...ranked] : null),
    set,
    key: list.key,
    focus: list.focus,
    problem: () => (ranked.length < cards.length ? t("rank_all") : null),
  };
}
