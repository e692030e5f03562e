// Find in a text: all matches shown at once, without touching the elements they are in.

import { button, h } from "../dom.js";

const MOST = 10_000; // matches that are shown: more are of no use to anybody
const ALL = "ca-found";
const NOW = "ca-found-now";

/**
 * A bar over the text in `area`. ctx: {t}. scroll(range): bring a match into view.
 * Returns {element, open(), close(), opened}.
 */
export function finder(area, ctx, scroll) {
  const input = h("input", {
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    dir: "auto",
    placeholder: ctx.t("find.label"),
    "aria-label": ctx.t("find.label"),
    oninput: () => search(0),
    onkeydown: typed,
  });
  const count = h("span", { class: "ca-count", role: "status" });
  const element = h(
    "div",
    { class: "ca-find", role: "search", hidden: true },
    input,
    count,
    button({ class: "ca-quiet", "aria-label": ctx.t("find.previous"), onclick: () => walk(-1) }, "↑"),
    button({ class: "ca-quiet", "aria-label": ctx.t("find.next"), onclick: () => walk(1) }, "↓"),
    button({ class: "ca-quiet", "aria-label": ctx.t("find.close"), onclick: () => close() }, "×"),
  );
  let matches = [];
  let now = 0;
  let before = null;
  let pieces = null;

  function typed(event) {
    if (event.isComposing) return;
    if (event.key === "Enter") walk(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") close();
    else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f") input.select();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function search(at) {
    pieces ??= read(area);
    matches = input.value ? found(pieces, input.value) : [];
    now = Math.min(at, Math.max(0, matches.length - 1));
    show();
  }

  function walk(by) {
    if (!matches.length) return;
    now = (now + by + matches.length) % matches.length;
    show();
  }

  function show() {
    mark(ALL, matches);
    mark(NOW, matches.slice(now, now + 1));
    const all = matches.length;
    count.textContent = !input.value ? "" : all ? ctx.t("find.count", { at: now + 1, all }) : ctx.t("find.none");
    if (all) reveal(matches[now]);
  }

  function reveal(range) {
    const folded = range.startContainer.parentElement.closest("details:not([open])");
    if (folded) folded.open = true;
    scroll(range);
  }

  function open() {
    if (element.hidden) before = area.getRootNode().activeElement;
    element.hidden = false;
    pieces = null;
    input.focus();
    input.select();
    if (input.value) search(now);
  }

  function close() {
    const inside = element.contains(element.getRootNode().activeElement);
    element.hidden = true;
    matches = [];
    mark(ALL, []);
    mark(NOW, []);
    if (!inside) return;
    input.blur();
    before?.focus?.({ preventScroll: true });
  }

  return { element, open, close, get opened() { return !element.hidden; } };
}

/** One piece per text node: its text, folded, as long as it is written. */
function read(area) {
  const walker = document.createTreeWalker(area, NodeFilter.SHOW_TEXT);
  const pieces = [];
  while (walker.nextNode()) pieces.push([walker.currentNode, fold(walker.currentNode.data)]);
  return pieces;
}

function fold(text) {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return Array.from(text, (sign) => (sign.toLowerCase().length === sign.length ? sign.toLowerCase() : sign)).join("");
}

function found(pieces, wanted) {
  const sought = fold(wanted);
  const ranges = [];
  for (const [node, text] of pieces) {
    for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + sought.length)) {
      const range = new StaticRange({ startContainer: node, startOffset: at, endContainer: node, endOffset: at + sought.length });
      ranges.push(range);
      if (ranges.length >= MOST) return ranges;
    }
  }
  return ranges;
}

function mark(name, ranges) {
  if (!CSS.highlights) return;
  if (!ranges.length) return void CSS.highlights.delete(name);
  const highlight = new Highlight(...ranges);
  highlight.priority = name === NOW ? 2 : 1;
  CSS.highlights.set(name, highlight);
}
