// A tree of known tags -> elements. What is not known is text; nothing is ever parsed.

import { h } from "../dom.js";
import { visible } from "./signs.js";

const TAGS = new Set(
  "p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong del a table thead tbody tr th td hr br".split(" "),
);
const BLOCKS = new Set("p h1 h2 h3 h4 h5 h6 li th td blockquote ul ol table pre".split(" "));
const LINK = /^(https?:\/\/|mailto:)/i;
const DEEPER = { h1: "h3", h2: "h4", h3: "h5", h4: "h6", h5: "h6", h6: "h6" }; // the page's own come first

export function draw(field) {
  return h("div", { class: "ca-markdown" }, ...field.nodes.map(drawNode));
}

/** One node of a tree: text, or `{tag, attrs?, children}`. */
export function drawNode(node) {
  if (typeof node === "string") return visible(node);
  const children = (node.children ?? []).map(drawNode);
  if (!TAGS.has(node.tag)) return h("span", {}, ...children);
  const given = node.attrs ?? {};
  const element = h(DEEPER[node.tag] ?? node.tag, attributes(node.tag, given), ...children);
  if (DEEPER[node.tag]) element.classList.add(`ca-${node.tag}`);
  if (node.tag === "table") return h("div", { class: "ca-wide" }, element);
  if (node.tag !== "pre" || !given.language) return element;
  return h("div", { class: "ca-block" }, h("small", { class: "ca-tag" }, visible(given.language)), element);
}

function attributes(tag, given) {
  if (tag === "a" && LINK.test(given.href)) {
    return { href: given.href, title: given.href, target: "_blank", rel: "noopener noreferrer nofollow" };
  }
  if (tag === "ol") return { start: Number.isInteger(given.start) ? given.start : null, dir: "auto" };
  const side = ["left", "center", "right"].includes(given.align) ? `ca-${given.align}` : null;
  return { dir: tag === "pre" || !BLOCKS.has(tag) ? null : "auto", class: side };
}
