// Candidate responses side by side, in the order drawn for this person.

import { h, keycap } from "../dom.js";
import { render } from "../fields/index.js";

/**
 * letters: in the order to show. Returns {element, cards}: one card per letter, with `tag` for what
 * is said about it. pick(letter) is called on a click that marks no text.
 */
export function responseCards(spec, ctx, pick) {
  const letters = ctx.order?.length ? ctx.order : spec.responses.map((_, at) => letterAt(at));
  const byName = new Map(ctx.fields.map((field) => [field.name, field]));
  const cards = letters.map((letter, at) => {
    const field = byName.get(spec.responses[letter.charCodeAt(0) - 97]);
    const tag = h("span", { class: "tag" });
    const title = ctx.t("response", { number: at + 1 });
    const head = h("header", {}, keycap(String(at + 1)), h("b", {}, title), tag);
    const body = field ? render([{ ...field, name: "" }], ctx).element : null;
    const choose = () => window.getSelection()?.isCollapsed !== false && pick(letter);
    const card = h("article", { class: "response", "aria-label": title, onclick: choose }, head, body);
    return { letter, card, tag, title };
  });
  const element = h("div", { class: "responses" }, ...cards.map(({ card }) => card));
  return { element, cards };
}

function letterAt(at) {
  return String.fromCharCode(97 + at);
}
