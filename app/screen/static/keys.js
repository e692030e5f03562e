// The keyboard: one listener, before Streamlit's own, and what a key press means.

const NAMED = { " ": "Space", "？": "?", Spacebar: "Space" };

/**
 * The name of the key: a digit (also of the number pad), a small letter, or the browser's name.
 * Letters of keyboards that write no Latin go by their place.
 */
export function keyOf(event) {
  const { key, code } = event;
  if (NAMED[key]) return NAMED[key];
  if (key.length !== 1) return key;
  if (/[０-９]/.test(key)) return String.fromCharCode(key.charCodeAt(0) - 0xfee0);
  if (/^[^\x00-\x7f]$/u.test(key) && /^Key[A-Z]$/.test(code)) return code[3].toLowerCase();
  return key.toLowerCase();
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
    window.addEventListener("keydown", this.down, true);
  }

  destroy() {
    window.removeEventListener("keydown", this.down, true);
  }

  down(event) {
    if (!this.root.isConnected || event.isComposing || event.keyCode === 229) return;
    if (this.foreign(event)) return;
    const key = keyOf(event);
    const how = this.how(event, key);
    if (how === null) return;
    if (how !== "typing" && event.repeat && !key.startsWith("Arrow") && !key.startsWith("Page")) {
      if (key === "Enter" || key === "Space") event.preventDefault(); // else it presses the focused button
      return;
    }
    if (how === "plain" && (key === "Enter" || key === "Space") && owned(event, key)) return;
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
    if (event.altKey || (event.metaKey && event.ctrlKey)) return null;
    const text = typing(event);
    if (event.ctrlKey || event.metaKey) {
      return key === "Enter" || (key === "z" && !event.shiftKey && !text) ? "ctrl" : null;
    }
    return text ? "typing" : "plain";
  }
}
