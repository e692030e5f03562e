// Keys and values: a table.

import { h } from "../dom.js";
import { visible } from "./signs.js";

export function draw(field) {
  const rows = field.pairs.map(([key, value]) =>
    h("tr", {}, h("th", { scope: "row", dir: "auto" }, visible(key)), h("td", { dir: "auto" }, visible(value))),
  );
  return h("div", { class: "ca-wide" }, h("table", { class: "ca-pairs" }, h("tbody", {}, ...rows)));
}
