// Code: its own letters, lines as they are or wrapped, and nothing that turns the reading around.

import { button, h } from "../dom.js";
import { called, turns, visible } from "./signs.js";

let wrapped = false; // as people left it, for the next item too

export function draw(field, ctx) {
  const code = h("code", {}, ...turns(visible(field.text)).map(drawPart));
  const pre = h("pre", { class: "ca-code", dir: "ltr", tabindex: "0", "aria-label": field.language || field.name || null }, code);
  const toggle = button({ class: "ca-quiet", onclick: () => show(!wrapped) }, ctx.t("code.wrap"));
  const tag = field.language ? h("small", { class: "ca-tag" }, visible(field.language)) : null;

  function show(now) {
    wrapped = now;
    pre.classList.toggle("ca-wrapped", now);
    toggle.setAttribute("aria-pressed", String(now));
  }

  show(wrapped);
  return h("div", { class: "ca-block" }, h("div", { class: "ca-over" }, tag, toggle), pre);
}

/** A character that could hide what code does is shown by its number. */
function drawPart([part, turning]) {
  return turning ? h("span", { class: "ca-sign" }, called(part)) : part;
}
