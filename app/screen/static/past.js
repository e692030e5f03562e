// One's own answers, newest first: of this session, then further back as the server knows them.

export class Past {
  constructor(fetchPage) {
    this.fetchPage = fetchPage;
    this.entries = []; // {op, task, answers, kind, note, at, revisable}
    this.next = null;
    this.done = false;
    this.loading = null;
    this.at = null; // which one is looked at; null: none, the work goes on
  }

  get shown() {
    return this.at === null ? null : (this.entries[this.at] ?? null);
  }

  find(op) {
    return this.entries.find((entry) => entry.op === op) ?? null;
  }

  add(entry) {
    this.entries.unshift(entry);
  }

  remove(entry) {
    const at = this.entries.indexOf(entry);
    if (at >= 0) this.entries.splice(at, 1);
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
    const known = new Set(this.entries.map((entry) => entry.op));
    this.entries.push(...answers.filter((entry) => !known.has(entry.op)));
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
