// The fields of an item, each drawn as what it is.

import { h } from "../dom.js";
import { area } from "./area.js";
import { draw as chat } from "./chat.js";
import { draw as code } from "./code.js";
import { draw as markdown } from "./markdown.js";
import { draw as pairs } from "./pairs.js";
import { visible } from "./signs.js";
import { draw as text } from "./text.js";

const KINDS = { text, markdown, chat, code, pairs };

/**
 * fields: as annotate/fields.py makes them. ctx: {t}. A field is named where there are several.
 * Returns {element, find(), key(event), destroy()}: find opens find-in-text; key is true when the
 * key was used; destroy remembers how far was read.
 */
export function render(fields, ctx) {
  const named = fields.length > 1;
  const parts = fields.map((field) => part(field, ctx, named));
  const element = h("div", { class: "ca-fields" }, ...parts.map(({ section }) => section));
  const areas = parts.map((one) => one.area);
  return {
    element,
    find: () => nearest(areas)?.find() ?? false,
    key: (event) => areas.length > 0 && nearest(areas).key(event),
    destroy: () => areas.forEach((one) => one.destroy()),
  };
}

function part(field, ctx, named) {
  const draw = KINDS[field.kind] ?? text;
  const content = isEmpty(field) ? h("p", { class: "ca-empty" }, ctx.t("field.empty")) : draw(field, ctx);
  const own = area(content, ctx, field.name, textOf(field));
  const title = named && field.name ? h("h3", { class: "ca-name", dir: "auto" }, visible(field.name)) : null;
  return { area: own, section: h("section", { class: `ca-field ca-is-${field.kind}`, "data-field": field.name }, title, own.element) };
}

function isEmpty(field) {
  return ["text", "nodes", "messages", "pairs"].every((key) => !field[key]?.length);
}

function textOf(field) {
  return field.text ?? JSON.stringify(field.nodes ?? field.messages ?? field.pairs);
}

/** The area with the focus, else the longest of them. */
function nearest(areas) {
  const focused = areas.find((one) => one.element.contains(one.element.getRootNode().activeElement));
  return focused ?? [...areas].sort((a, b) => b.scroller.scrollHeight - a.scroller.scrollHeight)[0];
}
