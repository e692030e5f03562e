// Messages with their roles. A system message is folded away: it is long, and the same every time.

import { h } from "../dom.js";
import { drawNode } from "./markdown.js";
import { visible } from "./signs.js";

const FOLDED = new Set(["system", "developer"]);
const SIDES = new Set(["user", "assistant"]);

export function draw(field, ctx) {
  return h("div", { class: "ca-chat" }, ...field.messages.map((message) => drawMessage(message, ctx)));
}

function drawMessage(message, ctx) {
  const role = message.role.toLowerCase();
  const body = h("div", { class: "ca-markdown" }, ...message.nodes.map(drawNode));
  const side = SIDES.has(role) ? `ca-${role}` : "ca-other";
  const name = roleName(message.role, ctx);
  if (FOLDED.has(role)) {
    return h("details", { class: `ca-message ${side}` }, h("summary", {}, h("span", { class: "ca-role" }, name)), body);
  }
  return h("article", { class: `ca-message ${side}`, "aria-label": name }, h("span", { class: "ca-role", "aria-hidden": "true" }, name), body);
}

function roleName(role, ctx) {
  const key = `role.${role.toLowerCase()}`;
  const name = ctx.t(key);
  return name === key ? visible(role) : name;
}
