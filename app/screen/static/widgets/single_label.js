// Exactly one label of a list.

import { digitsOf, optionList } from "./options.js";

export function make(spec, ctx) {
  const digits = digitsOf(spec.options.length);
  const options = spec.options.map((option, at) => ({ ...option, digit: digits[at] }));
  let chosen = null;
  const list = optionList({ options, name: spec.text, multiple: false, t: ctx.t, pick });

  function pick(value) {
    set(value);
    ctx.changed({ chosen: true });
  }

  function set(value) {
    chosen = value ?? null;
    list.mark(chosen === null ? [] : [chosen]);
  }

  return {
    element: list.element,
    value: () => chosen,
    set,
    key: list.key,
    focus: list.focus,
    problem: () => (chosen === null ? ctx.t("choose") : null),
  };
}
