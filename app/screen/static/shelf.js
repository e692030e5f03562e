// What this browser keeps for one person in one project, over reloads and crashes.

/** Named JSON values in localStorage. `works` is false where the browser keeps nothing. */
export class Shelf {
  constructor(prefix) {
    this.prefix = prefix;
    this.works = true;
    try {
      this.storage = window.localStorage;
    } catch {
      this.storage = null;
      this.works = false;
    }
  }

  get(name) {
    return parsed(this.storage?.getItem(this.prefix + name));
  }

  set(name, value) {
    try {
      this.storage?.setItem(this.prefix + name, JSON.stringify(value));
    } catch {
      this.works = false; // full, or forbidden: the status line says so
    }
  }

  remove(name) {
    this.storage?.removeItem(this.prefix + name);
  }

  /** [name, value] of everything whose name begins so, in the order of the names. */
  entries(beginning) {
    if (!this.storage) return [];
    const full = this.prefix + beginning;
    const names = Object.keys(this.storage).filter((name) => name.startsWith(full)).sort();
    return names
      .map((name) => [name.slice(this.prefix.length), parsed(this.storage.getItem(name))])
      .filter(([, value]) => value !== null);
  }
}

function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null; // written by something else
  }
}
