// The keyboard: one listener, before Streamlit's own, and what a key press means.

const NAMED = { " ": "Space", "？": "?", Spacebar: "Space" };

/**
 * The name of the key: a digit (also of the number pad), a small letter, or the browser's name.
 * Letters of keyboards that write no Latin go by their place, and so does the row of digits where
 * it takes Shift to write them (French, Czech).
 */
export function keyOf(event) {
  const { key, code } = event;
  if (NAMED[key]) return NAMED[key];
  if (key.length !== 1) return key;
  if (/[０-９]/.test(key)) return String.fromCharCode(key.charCodeAt(0) - 0xfee0);
  if (/^Digit\d$/.test(code) && !event.shiftKey && !graph(event)) return code[5];
  if (/^[^\x00-\x7f]$/u.test(key) && /^Key[A-Z]$/.test(code) && !graph(event)) return code[3].toLowerCase();
  return key.toLowerCase();
}

/** The option that has this key: as it is written first, which may be no Latin, then by `keyOf`. */
export function chosenBy(event, options) {
  const [written, place] = [event.key.toLowerCase(), keyOf(event)];
  return options.find(({ key }) => key && key === written) ?? options.find(({ key }) => key && key === place);
}

/** Whether the key is held that writes the third sign of a key: many keyboards have [ and ] there. */
export function graph(event) {
  return event.getModifierState?.("AltGraph") ?? false;
}

/** Whether the key goes into a text: then only Escape and keys with Ctrl mean something here. */
export function typing(event) {
  return event.composedPath().some(
    (node) => node instanceof Element && (/^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName) ? !ticked(node) : node.isContentEditable),
  );
}

function ticked(node) {
  return node.tagName === "INPUT" && /^(checkbox|radio|button)$/.test(node.type);
}

/** Whether Space or Enter belongs to the control that has the focus. */
function owned(event, key) {
  const control = event.composedPath()[0];
  if (!(control instanceof Element) || !control.matches("button, a[href], summary, input, [role=option]")) return false;
  const choice = control.matches("[role=radio], [role=checkbox]");
  return key === "Space" ? true : key === "Enter" && !choice;
}

/**
 * Calls act(key, event, how) for every key that may mean something; true means it is used up.
 * how: "plain", "typing" (in a text field) or "ctrl". root: where the desk is drawn.
 */
export class Keys {
  constructor(root, act) {
    this.root = root;
    this.act = act;
    this.down = this.down.bind(this);
    this.point = this.point.bind(this);
    this.clicked = null;
    window.addEventListener("keydown", this.down, true);
    window.addEventListener("pointerdown", this.point, true);
  }

  destroy() {
    window.removeEventListener("keydown", this.down, true);
    window.removeEventListener("pointerdown", this.point, true);
  }

  /** Who clicks a button beside the desk goes on with keys that are meant for the desk. */
  point(event) {
    this.clicked = event.composedPath()[0];
  }

  /** Whether Space or Enter is for the control that has the focus, because the keyboard went there. */
  pressed(event, key) {
    const [control] = event.composedPath();
    const byMouse = control instanceof Node && !this.root.contains(control) && control.contains(this.clicked);
    return !byMouse && owned(event, key);
  }

  down(event) {
    if (!this.root.isConnected || event.isComposing || event.keyCode === 229) return;
    if (this.foreign(event)) return;
    const key = keyOf(event);
    if (key === "Tab") this.clicked = null;
    const how = this.how(event, key);
    if (how === null) return;
    if (how !== "typing" && event.repeat && !key.startsWith("Arrow") && !key.startsWith("Page")) {
      if (key === "Enter" || key === "Space") event.preventDefault(); // else it presses the focused button
      return;
    }
    if (how === "plain" && (key === "Enter" || key === "Space") && this.pressed(event, key)) return;
    if (this.act(key, event, how)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }

  /** Whether the key is for a dialog of Streamlit, or for a control outside the desk. */
  foreign(event) {
    const path = event.composedPath();
    if (path.includes(this.root)) return false;
    return typing(event) || path.some((node) => node instanceof Element && node.matches("[role=dialog], [role=listbox]"));
  }

  how(event, key) {
    const text = typing(event);
    if (graph(event)) return key.length === 1 && !text ? "plain" : null; // comes as Ctrl+Alt in places
    if (event.altKey || (event.metaKey && event.ctrlKey)) return null;
    if (event.ctrlKey || event.metaKey) {
      return key === "Enter" || key === "s" || (key === "z" && !event.shiftKey && !text) ? "ctrl" : null;
    }
    return text ? "typing" : "plain";
  }
}
