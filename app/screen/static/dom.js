// Elements made of names, attributes and text. Nothing here or elsewhere is parsed as HTML.

/** A new element. Attributes that are false, null or undefined are left out; `on…` are listeners. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** The picture of a key. What it does is said by `aria-keyshortcuts` of the control beside it. */
export function keycap(key) {
  return h("kbd", { "aria-hidden": "true" }, key);
}

/** A button that leaves the focus where it is when it is clicked: keys go on working. */
export function button(attributes, ...children) {
  const hold = (event) => event.preventDefault();
  return h("button", { type: "button", onmousedown: hold, ...attributes }, ...children);
}

/** Replace everything in `node`. */
export function fill(node, ...children) {
  node.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
}

/** A random id in the form of a UUID; `randomUUID` is missing on plain HTTP beyond this machine. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [8, 12, 16, 20, 32].map((end, at, ends) => hex.slice(ends[at - 1] ?? 0, end)).join("-");
}

/** Whether two values of a question are the same, whatever the order of their keys. */
export function same(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => key in b && same(a[key], b[key]))
  );
}
