// A list of options with a key for each: of labels, of responses.

import { button, h, keycap } from "../dom.js";
import { chosenBy, keyOf } from "../keys.js";

const DIGITS = "1234567890";
const FILTER_FROM = 11; // as many have no digit of their own

/** The key of each option: its digit by place; beyond ten only a key of its own. */
export function digitsOf(count) {
  return Array.from({ length: count }, (_, at) => DIGITS[at] ?? null);
}

/**
 * options: [{value, title, description?, digit?, key?}]. pick(value) is called for a choice. ranked:
 * the chosen ones show their place. Returns {element, mark(values), key(event), focus()}.
 */
export function optionList({ options, name, multiple, ranked = false, t, pick }) {
  const buttons = options.map((option) => optionButton(option, multiple ? (ranked ? "rank" : "tick box") : "tick", pick));
  const list = h("div", { class: options.length >= FILTER_FROM ? "options long" : "options", role: multiple ? "group" : "radiogroup", "aria-label": name }, ...buttons);
  const filter = options.length >= FILTER_FROM ? filterBox(options, buttons, name, t, pick) : null;
  const element = h("div", { class: "choice" }, filter?.element, list);
  rove(buttons, 0);

  function mark(values) {
    options.forEach((option, at) => {
      const place = values.indexOf(option.value);
      buttons[at].setAttribute("aria-checked", String(place >= 0));
      if (ranked) buttons[at].lastChild.textContent = place < 0 ? "" : t("rank", { rank: place + 1 });
    });
    const first = options.findIndex((option) => values.includes(option.value));
    if (first >= 0 && !multiple) rove(buttons, first);
  }

  function key(event) {
    const pressed = keyOf(event);
    if (pressed === "/" && filter) {
      filter.input.focus();
      return true;
    }
    const at = buttons.indexOf(document.activeElement);
    if (at >= 0 && (pressed === "ArrowDown" || pressed === "ArrowUp")) return step(buttons, at, pressed === "ArrowDown" ? 1 : -1);
    const found = options.find((option) => option.digit === pressed) ?? chosenBy(event, options);
    if (!found) return false;
    pick(found.value);
    return true;
  }

  return { element, mark, key, focus: () => buttons.find((one) => one.tabIndex === 0)?.focus() };
}

function optionButton(option, tick, pick) {
  const keys = [option.digit, option.key].filter(Boolean);
  return button(
    {
      class: "option",
      role: tick === "tick" ? "radio" : "checkbox",
      "aria-checked": "false",
      "aria-keyshortcuts": keys.join(" ") || false,
      onclick: () => pick(option.value),
    },
    h("span", { class: "keys" }, ...(keys.length ? keys : [""]).map((key) => keycap(key.toUpperCase()))),
    h("span", { class: "words", dir: "auto" }, h("b", {}, option.title), option.description ? h("small", {}, option.description) : null),
    h("span", { class: tick, "aria-hidden": tick === "rank" ? false : "true" }),
  );
}

/** One stop for the Tab key: the arrows go on from there. */
function rove(buttons, at) {
  buttons.forEach((one, n) => {
    one.tabIndex = n === at ? 0 : -1;
  });
}

function step(buttons, at, by) {
  const shown = buttons.filter((one) => !one.hidden);
  const next = shown[shown.indexOf(buttons[at]) + by];
  if (!next) return false;
  rove(buttons, buttons.indexOf(next));
  next.focus();
  return true;
}

/** Type-ahead for long lists: what is typed stays on, Enter takes the first. */
function filterBox(options, buttons, name, t, pick) {
  const input = h("input", {
    class: "filter",
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: t("filter"),
    "aria-label": `${t("filter")}: ${name}`,
    oninput: narrow,
    onkeydown: typed,
  });
  const element = h("div", { class: "filter-row" }, keycap("/"), input);

  function narrow() {
    const wanted = input.value.trim().toLocaleLowerCase();
    options.forEach((option, at) => {
      buttons[at].hidden = rank(option, wanted) === 0;
      buttons[at].classList.toggle("top", wanted !== "" && option === best(wanted));
    });
  }

  function best(wanted) {
    const ranked = options.map((option) => [rank(option, wanted), option]);
    return ranked.reduce((one, other) => (other[0] > one[0] ? other : one))[1];
  }

  function typed(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const wanted = input.value.trim().toLocaleLowerCase();
    if (event.key === "Enter" && wanted && rank(best(wanted), wanted)) pick(best(wanted).value);
    else if (event.key !== "Escape" && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    input.value = "";
    narrow();
    input.blur();
  }

  return { element, input };
}

/** How well an option fits what was typed: 0 not at all, 3 its title begins so. */
function rank(option, wanted) {
  const title = option.title.toLocaleLowerCase();
  if (title.startsWith(wanted)) return 3;
  if (title.includes(wanted)) return 2;
  return (option.description ?? "").toLocaleLowerCase().includes(wanted) ? 1 : 0;
}
