// The spans as a list: what each is called and covers, with a button to remove it.

import { button, h } from "../dom.js";

const MOST = 200; // rows drawn: more are walked through in the text

/** spans: the Spans widget. Returns {element, show(list)}. */
export function spanList(spans) {
  const { t } = spans.ctx;
  const head = h("h3", { class: "ca-name" });
  const rows = h("ul", { class: "ca-list" });
  const element = h("section", { class: "ca-listed", hidden: true }, head, rows);
  let kept = new Map();

  function show(list) {
    element.hidden = !list.length;
    head.textContent = t("spans.list", { count: list.length });
    const made = new Map(list.slice(0, MOST).map((span) => [span, kept.get(span) ?? row(span)]));
    for (const [span, one] of made) one.classList.toggle("ca-active", span === spans.active);
    for (const [span, one] of kept) if (!made.has(span)) one.remove();
    [...made.values()].forEach((one, at) => {
      if (rows.children[at] !== one) rows.insertBefore(one, rows.children[at] ?? null);
    });
    kept = made;
  }

  function row(span) {
    const vars = { label: spans.title(span.label), text: spans.quote(span) };
    const { color, line } = spans.look(span.label);
    const go = button({ class: "ca-quiet ca-go", "aria-label": t("spans.go", vars), onclick: () => spans.activate(span) }, h("b", { dir: "auto" }, vars.label), h("span", { dir: "auto" }, vars.text));
    const drop = button({ class: "ca-quiet", "aria-label": t("spans.remove", vars), onclick: () => spans.remove(span) }, "×");
    const one = h("li", {}, h("i", { class: "ca-swatch", "aria-hidden": "true" }), go, drop);
    one.style.setProperty("--hue", color);
    one.style.setProperty("--stroke", line);
    return one;
  }

  return { element, show };
}
