// Plain text: every character as it is, line by line.

import { Lines } from "./lines.js";

export function draw(field) {
  const { element } = new Lines(field.text);
  element.classList.add("ca-plain");
  return element;
}
