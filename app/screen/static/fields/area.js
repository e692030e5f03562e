// A part of the page with a length of its own: it scrolls by itself, and opens where it was left.

import { h } from "../dom.js";
import { finder } from "./find.js";

const KEPT = "ca-read/";

/**
 * content: what is in it. ctx: {t}. name: what it is called. text: what makes it this text and no
 * other. Returns {element, scroller, find(), key(event), show(range), destroy()}.
 */
export function area(content, ctx, name, text) {
  const scroller = h("div", { class: "ca-scroll" }, content);
  const search = finder(scroller, ctx, show);
  const element = h("div", { class: "ca-area", onkeydown: pressed }, search.element, scroller);
  const place = `${KEPT}${hash(`${name}\n${text}`)}`;
  const watch = new ResizeObserver(measure);
  let asleep = null;
  let restored = false;

  watch.observe(scroller);
  watch.observe(content);
  scroller.addEventListener("scroll", keep, { passive: true });

  /** A stop for the Tab key only where there is something to scroll. */
  function measure() {
    const long = scroller.scrollHeight > scroller.clientHeight + 1;
    element.classList.toggle("ca-long", long);
    if (long) {
      scroller.tabIndex = 0;
      scroller.setAttribute("role", "region");
      scroller.setAttribute("aria-label", name || ctx.t("field.text"));
    } else {
      for (const attribute of ["tabindex", "role", "aria-label"]) scroller.removeAttribute(attribute);
    }
    if (!restored && scroller.clientHeight) {
      restored = true;
      scroller.scrollTop = Number(recall(place)) || 0;
    }
  }

  function keep() {
    clearTimeout(asleep);
    asleep = setTimeout(() => remember(place, scroller.scrollTop), 150);
  }

  /** Bring a range into view: in this area, and in whatever this area is scrolled in. */
  function show(range) {
    for (let box = range.startContainer.parentElement; box; box = box.parentElement) {
      if (scrolls(box)) into(box.getBoundingClientRect(), range, (x, y) => box.scrollBy(x, y));
    }
    into({ top: 0, left: 0, bottom: innerHeight, right: innerWidth }, range, (x, y) => window.scrollBy(x, y));
  }

  function find() {
    search.open();
    return true;
  }

  /** `/` finds, the page keys scroll. */
  function key(event) {
    if (event.key === "/") return find();
    if (event.key !== "PageDown" && event.key !== "PageUp") return false;
    if (!element.classList.contains("ca-long")) return false;
    scroller.scrollBy({ top: (event.key === "PageDown" ? 0.9 : -0.9) * scroller.clientHeight });
    return true;
  }

  function pressed(event) {
    if (event.isComposing || event.target.matches?.("input, textarea")) return;
    const finds = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "f";
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const closes = event.key === "Escape" && search.opened;
    if (closes) search.close();
    if (!closes && !(finds && find()) && !(plain && event.key === "/" && find())) return;
    event.preventDefault();
    event.stopPropagation();
  }

  function destroy() {
    clearTimeout(asleep);
    // to ask where a short text stands would lay the page out for nothing
    if (restored) remember(place, element.classList.contains("ca-long") ? scroller.scrollTop : 0);
    watch.disconnect();
    search.close();
  }

  return { element, scroller, find, key, show, destroy };
}

function scrolls(box) {
  const more = box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1;
  return more && /auto|scroll/.test(getComputedStyle(box).overflow);
}

/** Scroll as little as it takes sideways, and to the upper third when it was out of view. */
function into(view, range, scroll) {
  const live = document.createRange();
  live.setStart(range.startContainer, range.startOffset);
  live.setEnd(range.endContainer, range.endOffset);
  const at = live.getBoundingClientRect();
  const out = at.top < view.top || at.bottom > view.bottom;
  const down = out ? at.top - view.top - (view.bottom - view.top) / 3 : 0;
  const left = Math.min(0, at.left - view.left - 8);
  const right = Math.max(0, at.right - view.right + 8);
  if (down || left || right) scroll(left || right, down);
}

/** FNV-1a: short, and good enough to tell one text from the next. */
function hash(text) {
  let made = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) made = Math.imul(made ^ text.charCodeAt(at), 0x01000193);
  return `${text.length}.${(made >>> 0).toString(36)}`;
}

function remember(place, top) {
  try {
    if (top > 0) sessionStorage.setItem(place, String(Math.round(top)));
    else sessionStorage.removeItem(place);
  } catch {
    // a browser that stores nothing opens at the top
  }
}

function recall(place) {
  try {
    return sessionStorage.getItem(place);
  } catch {
    return null;
  }
}
