// One's own answers, newest first: of this session, then further back as the server knows them.

export class Past {
  constructor(fetchPage) {
    this.fetchPage = fetchPage;
    this.loading = null;
    this.forget();
  }

  /** Begin anew: another window may have worked in between. */
  forget() {
    // {ops: what settled it and changed it since, before: the item's attempt before these,
    //  task, answers, kind, note, at, revisable}
    this.entries = [];
    this.next = null;
    this.done = false;
    this.known = false; // whether the server was asked for the newest
    this.at = null; // which one is looked at; null: none, the work goes on
  }

  get shown() {
    return this.at === null ? null : (this.entries[this.at] ?? null);
  }

  add(entry) {
    this.entries.unshift(entry);
  }

  remove(entry) {
    const at = this.entries.indexOf(entry);
    if (at >= 0) this.entries.splice(at, 1);
  }

  /** An op was not stored: what it did is not shown as done. */
  without(op) {
    const entry = this.entries.find(({ ops }) => ops.includes(op));
    if (!entry) return;
    this.remove(entry);
    this.done = false; // the server knows what counts now
    this.next = null;
    if (this.at !== null) this.leave();
  }

  /** Fetch further back. What is here already is kept: it knows more. */
  async more() {
    if (this.done) return;
    this.loading ??= this.page().finally(() => {
      this.loading = null;
    });
    await this.loading;
  }

  async page() {
    const { answers, next } = await this.fetchPage(this.next);
    const known = new Set(this.entries.flatMap(({ ops }) => ops));
    const items = new Set(this.entries.map(({ task }) => task.id));
    for (const { op, ...rest } of answers) {
      if (known.has(op) || items.has(rest.task.id)) continue;
      this.entries.push({ ...rest, ops: [op], before: rest.task.attempt - 1 });
    }
    this.next = next;
    this.done = !next;
  }

  /** One step back (by 1) or towards the work (by -1); false where there is nothing further. */
  async step(by) {
    const at = (this.at ?? -1) + by;
    if (at >= this.entries.length) await this.more().catch(() => {});
    if (at >= this.entries.length) return false;
    this.at = at < 0 ? null : at;
    return true;
  }

  leave() {
    this.at = null;
  }
}
