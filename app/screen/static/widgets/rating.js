// A point on a scale, of one thing or of several aspects at once.

import { button, h, keycap } from "../dom.js";
import { keyOf } from "../keys.js";

/**
 * The key of each point: its own digit, and 0 for a 10 where there is no 0; below zero and above ten
 * the digit of its place. Points without one are reached by + and -.
 */
export function pointKeys(points) {
  const [low, high] = [points[0], points.at(-1)];
  if (low < 0 || high > 10) return points.map((_, at) => "1234567890"[at] ?? null);
  return points.map((point) => (point < 10 ? String(point) : low > 0 ? "0" : null));
}

export function make(spec, ctx) {
  const { min, max, ends } = spec.scale;
  const points = Array.from({ length: max - min + 1 }, (_, at) => min + at);
  const keys = pointKeys(points);
  const single = !spec.aspects?.length;
  const aspects = single ? [{ name: "", text: spec.text }] : spec.aspects;
  const given = {};
  let active = 0;
  const rows = aspects.map((aspect, at) => row(aspect, at));
  const [low, high] = ends ?? ["", ""];
  const legend = h("div", { class: "ends" }, h("span", { dir: "auto" }, low), h("span", { dir: "auto" }, high));
  const element = h("div", { class: single ? "rating single" : "rating" }, legend, ...rows.map((one) => one.element));
  activate(0);

  function row(aspect, at) {
    const buttons = points.map((point, n) =>
      button(
        {
          class: "point",
          role: "radio",
          "aria-checked": "false",
          "aria-label": named(point),
          "aria-keyshortcuts": keys[n] ?? false,
          onclick: () => give(at, point),
        },
        String(point),
        keys[n] !== null && keys[n] !== String(point) ? keycap(keys[n]) : null,
      ),
    );
    const scale = h("div", { class: "scale", role: "radiogroup", "aria-label": aspect.text || aspect.name }, ...buttons);
    const words = single ? null : h("div", { class: "aspect", dir: "auto" }, aspect.text || aspect.name);
    const box = h("div", { class: "aspect-row", onfocusin: () => activate(at) }, words, scale);
    return { element: box, buttons };
  }

  function named(point) {
    const end = point === min ? spec.scale.ends?.[0] : point === max ? spec.scale.ends?.[1] : "";
    return end ? `${point}: ${end}` : String(point);
  }

  function activate(at) {
    active = at;
    rows.forEach((one, n) => one.element.classList.toggle("active", n === at && !single));
  }

  function give(at, point) {
    given[aspects[at].name] = point;
    draw();
    const open = aspects.findIndex((aspect, n) => n > at && !(aspect.name in given));
    activate(open < 0 ? at : open);
    ctx.changed({ chosen: aspects.every((aspect) => aspect.name in given) });
  }

  function draw() {
    rows.forEach(({ buttons }, at) => {
      const value = given[aspects[at].name];
      buttons.forEach((one, n) => {
        one.setAttribute("aria-checked", String(points[n] === value));
        one.tabIndex = n === Math.max(0, points.indexOf(value)) ? 0 : -1;
      });
    });
  }

  function key(event) {
    const pressed = keyOf(event);
    const at = keys.indexOf(pressed);
    if (at >= 0) give(active, points[at]);
    else if (pressed === "+" || pressed === "=" || pressed === "-") nudge(pressed === "-" ? -1 : 1);
    else if (pressed === "ArrowDown" || pressed === "ArrowUp") return move(pressed === "ArrowDown" ? 1 : -1);
    else return false;
    return true;
  }

  function nudge(by) {
    const here = active;
    const value = given[aspects[here].name];
    const middle = by > 0 ? min : max;
    give(here, value === undefined ? middle : Math.min(max, Math.max(min, value + by)));
    activate(here);
  }

  function move(by) {
    const next = active + by;
    if (next < 0 || next >= rows.length) return false;
    activate(next);
    rows[next].element.scrollIntoView({ block: "nearest" });
    return true;
  }

  function set(value) {
    for (const name of Object.keys(given)) delete given[name];
    if (value !== null && value !== undefined) Object.assign(given, single ? { "": value } : value);
    draw();
    const open = aspects.findIndex((aspect) => !(aspect.name in given));
    activate(Math.max(0, open));
  }

  function value() {
    if (Object.keys(given).length === 0) return null;
    return single ? given[""] : { ...given };
  }

  function problem() {
    const open = aspects.find((aspect) => !(aspect.name in given));
    if (!open) return null;
    return single ? ctx.t("choose_point") : ctx.t("rate_aspect", { aspect: open.text || open.name });
  }

  draw();
  const focus = () => rows[active].buttons.find((one) => one.tabIndex === 0)?.focus();
  return { element, value, set, key, focus, problem };
}
