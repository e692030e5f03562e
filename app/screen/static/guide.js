// The guideline beside the work, with a search.

import { button, fill, h, keycap } from "./dom.js";
import { draw } from "./fields/markdown.js";

export class Guide {
  constructor(view, data, t, settings) {
    Object.assign(this, { view, t, settings });
    this.search = h("input", { type: "text", class: "filter", placeholder: t("guideline_search"), "aria-label": t("guideline_search"), oninput: () => this.find(), onkeydown: (event) => this.typed(event) });
    this.found = h("span", { class: "hint", role: "status" });
    const shut = button({ class: "tool", "aria-label": t("close"), onclick: () => this.toggle() }, keycap("G"));
    const body = draw({ nodes: data.guideline ?? [] });
    this.body = h("div", { class: "guide-body ca-fields", tabindex: "0", lang: data.content_language }, body);
    fill(view.guide, h("header", {}, h("h2", {}, t("guideline")), this.search, this.found, shut), this.body);
    this.any = Boolean(data.guideline?.length);
    this.at = 0;
    this.turn(this.any && settings.guideOpen && window.innerWidth > 760);
  }

  get open() {
    return !this.view.guide.hidden;
  }

  toggle() {
    if (!this.any) return;
    this.turn(!this.open);
    this.settings.guideOpen = this.open;
  }

  turn(open) {
    this.view.guide.hidden = !open;
    this.view.buttons.guideline.setAttribute("aria-expanded", String(open));
    if (!open) this.search.value = "";
    this.find();
  }

  /** Enter goes to the next place, Escape back to the work. */
  typed(event) {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    if (event.key === "Escape") return this.view.acts.left();
    this.at += event.shiftKey ? -1 : 1;
    this.find();
  }

  /** Mark what was searched for and bring one place into sight. */
  find() {
    const ranges = places(this.body, this.search.value.trim());
    mark(ranges);
    this.found.textContent = this.search.value.trim() ? this.t("found", { count: ranges.length }) : "";
    const shown = ranges[((this.at % ranges.length) + ranges.length) % ranges.length];
    if (!shown) return;
    const { top } = shown.getBoundingClientRect();
    this.body.scrollTop += top - this.body.getBoundingClientRect().top - 40;
  }
}

/** Every place in the text of `node` where the words stand, upper and lower case alike. */
function places(node, words) {
  if (!words) return [];
  const wanted = words.toLocaleLowerCase();
  const ranges = [];
  const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.data.toLocaleLowerCase();
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      const range = new Range();
      range.setStart(texts.currentNode, at);
      range.setEnd(texts.currentNode, Math.min(at + wanted.length, texts.currentNode.length));
      ranges.push(range);
    }
  }
  return ranges;
}

function mark(ranges) {
  if (!globalThis.Highlight) return; // older browsers still scroll to the place
  CSS.highlights.set("desk-guide", new Highlight(...ranges));
}
