// The queue as this browser has it: cases come as they are needed, and those decided here stay in sight.

const FEW_LEFT = 4;
const TRY_AGAIN_MS = 4000;

/** Whoever extends it has `sync`, `outbox`, `bench`, `t` and `draw()`. */
export class Docket {
  constructor(question) {
    this.question = question;
    this.forget();
  }

  forget() {
    this.cases = [];
    this.at = 0;
    this.chosen = -1;
    this.state = "loading"; // loading, ready, offline, or a message
    this.ended = false;
    this.waiting = null;
    this.changes = 0; // how often a decision was made or taken back here
  }

  get case() {
    return this.cases[this.at] ?? null;
  }

  /** Another question of the same items. */
  ask(name) {
    if (name === this.question) return;
    this.question = name;
    this.forget();
    this.draw();
    this.open(null);
  }

  /** The queue from its beginning; item: one item before it. */
  async open(item) {
    if (item) await this.fetch({ item }, (found) => this.insert(found));
    await this.more();
  }

  async more() {
    if (this.fetching || this.ended) return;
    const last = this.cases.findLast((one) => one.queued);
    await this.fetch({ after: last?.after }, (found) => {
      this.ended = found.length === 0;
      const known = new Set(this.cases.map((one) => one.id));
      this.cases.push(...found.filter((one) => !known.has(one.id)).map((one) => this.prepared(one, true)));
    });
    if (this.state === "ready" && this.case?.done) this.onward();
    this.draw();
  }

  /** With nothing to decide on the screen: what has come up since, also what was sent back and is answered. */
  async lookAgain() {
    if (this.case || this.fetching || !this.ended || this.state !== "ready" || document.hidden) return;
    await this.fetch({}, (found) => {
      const fresh = found.filter((one) => !this.outbox.ops.some((op) => op.item === one.id));
      if (!fresh.length) return;
      const ids = new Set(fresh.map((one) => one.id));
      this.cases = this.cases.filter((one) => !ids.has(one.id));
      this.at = this.cases.length;
      this.cases.push(...fresh.map((one) => this.prepared(one, true)));
      this.ended = false;
    });
    this.draw();
  }

  async fetch(asked, took) {
    const question = this.question;
    const changes = this.outbox.unsaved ? -1 : this.changes;
    this.fetching = true;
    try {
      const reply = await this.sync.cases({ question, ...asked });
      if (question !== this.question) return;
      this.asking = reply.question;
      // with a decision on its way nobody knows whether it was counted: then our own count is better
      if (this.waiting === null || changes === this.changes) this.waiting = reply.waiting - this.unsent();
      this.state = "ready";
      took(reply.cases);
    } catch (error) {
      if (question === this.question) this.missed(error);
    } finally {
      this.fetching = false;
    }
  }

  unsent() {
    return this.outbox.ops.filter((op) => op.item && op.op !== "take_back").length;
  }

  /** Nothing came: what the server said, or no connection, which is tried again. */
  missed(error) {
    const refused = [403, 404, 422, 500].includes(error.status);
    if (!this.case) this.state = refused ? error.message : "offline";
    else this.bench.tell(refused ? error.message : this.t("screen_offline"), "bad");
    if (refused) this.ended = true;
    else this.retry = setTimeout(() => this.more(), TRY_AGAIN_MS);
  }

  /** A case with what this browser adds: `stack`, what stood before each decision made here. */
  prepared(one, queued) {
    const sent = this.outbox.ops.findLast((op) => op.item === one.id && op.question === this.question && op.op !== "take_back");
    const done = sent ? { kind: sent.op, words: "" } : null;
    return { ...one, queued, stack: sent ? [one.standing] : [], standing: sent?.id ?? one.standing, done };
  }

  /** Show this case: in the place of itself, else before the one that is shown. */
  insert([found]) {
    if (!found) return;
    const at = this.cases.findIndex((one) => one.id === found.id);
    const made = this.prepared(found, at >= 0 && this.cases[at].queued);
    if (at >= 0) this.cases[at] = made;
    else this.cases.splice(this.at, 0, made);
    this.go(at >= 0 ? at : this.at);
  }

  go(at) {
    this.at = at;
    this.chosen = -1;
    this.draw();
    if (this.cases.length - at <= FEW_LEFT) this.more();
  }

  walk(by) {
    const at = this.at + by;
    if (at < 0 || at > this.cases.length - (this.ended ? 1 : 0)) return this.bench.tell(this.t(by < 0 ? "decide.first" : "decide.last"), "ask");
    this.bench.tell("");
    this.go(at);
  }

  /** To the next case that is not decided, behind this one, else before it. */
  onward() {
    const open = (one) => !one.done;
    const behind = this.cases.findIndex((one, at) => at > this.at && open(one));
    const at = behind >= 0 ? behind : this.ended ? this.cases.findIndex(open) : this.cases.length;
    this.go(at < 0 ? this.cases.length : at);
  }
}
