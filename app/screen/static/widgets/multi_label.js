// Any number of labels of a list. That none fits is said, not left open.

import { digitsOf, optionList } from "./options.js";

const NONE = Symbol("none");

export function make(spec, ctx) {
  const { t } = ctx;
  const min = spec.min ?? 1;
  const max = spec.max ?? spec.options.length;
  const digits = digitsOf(spec.options.length);
  const options = spec.options.map((option, at) => ({ ...option, digit: digits[at] }));
  if (min === 0) options.push({ value: NONE, title: t("none"), digit: options.length < 10 ? "0" : "-" });
  let chosen = new Set();
  const list = optionList({ options, name: spec.text, multiple: true, t, pick });

  function pick(value) {
    if (value === NONE) chosen = new Set(chosen.has(NONE) ? [] : [NONE]);
    else {
      chosen.delete(NONE);
      if (!chosen.delete(value)) chosen.add(value);
    }
    list.mark([...chosen]);
    ctx.changed({});
  }

  function set(value) {
    chosen = new Set(value && value.length === 0 ? [NONE] : (value ?? []));
    list.mark([...chosen]);
  }

  function value() {
    if (chosen.size === 0) return null;
    return spec.options.map((option) => option.value).filter((label) => chosen.has(label));
  }

  function problem() {
    const count = chosen.has(NONE) ? 0 : chosen.size;
    if (chosen.size === 0) return t("choose_any");
    if (count < min) return t("choose_least", { count: min });
    return count > max ? t("choose_most", { count: max }) : null;
  }

  return { element: list.element, value, set, key: list.key, focus: list.focus, problem };
}
