// One window of a person works in a project at a time; another can take over.

/** acts(true) when this window may work, acts(false) when another one does. */
export class Tab {
  constructor(name, acts) {
    this.name = name;
    this.acts = acts;
    this.closed = false;
    if (navigator.locks) this.wait();
    else acts(true); // plain HTTP beyond this machine: the server alone keeps windows apart
  }

  /** Work as soon as no other window does. The short wait is for a page that is just reloading. */
  wait() {
    this.waiting = new AbortController();
    const told = setTimeout(() => this.acts(false), 400);
    this.hold({ signal: this.waiting.signal }, () => clearTimeout(told));
  }

  /** Work here and now: the other window stops. */
  take() {
    this.waiting?.abort();
    this.hold({ steal: true }, () => {});
  }

  hold(options, granted) {
    const held = navigator.locks.request(this.name, options, () => {
      granted();
      if (this.closed) return null;
      this.acts(true);
      return new Promise((release) => {
        this.release = release;
      });
    });
    held.catch((error) => {
      const stolen = error.name === "AbortError" && !options.signal?.aborted;
      if (!stolen || this.closed) return;
      this.acts(false);
      this.wait(); // the other window may be closed again
    });
  }

  destroy() {
    this.closed = true;
    this.waiting?.abort();
    this.release?.();
  }
}
