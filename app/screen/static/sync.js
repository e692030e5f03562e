// Talks to the server: one request at a time, each with everything that waits.

import { uuid } from "./dom.js";

const MOST_OPS = 100;
const TIMEOUT_MS = 15_000;
const SLOWEST_MS = 15_000;
const KEEPALIVE_BYTES = 60_000; // browsers refuse more in a request that outlives its page

export class Sync {
  /**
   * api: address of the project, with a slash at the end. ask(): {holding, want}.
   * receive(reply), rejected({op, about}, message) and changed() are called as things happen;
   * renew() asks the page for a new token.
   */
  constructor({ api, token, language, outbox, ask, receive, rejected, changed, renew }) {
    Object.assign(this, { api, token, language, outbox, ask, receive, rejected, changed, renew });
    this.state = "working"; // working, offline, down, signed out
    this.path = "sync"; // below `api`: what takes the ops
    this.busy = false;
    this.stopped = true;
    this.failures = 0;
    this.most = MOST_OPS;
    this.timer = null;
    this.online = () => this.soon();
    window.addEventListener("online", this.online);
  }

  start() {
    this.stopped = false;
    this.soon();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  destroy() {
    this.stop();
    window.removeEventListener("online", this.online);
  }

  /** A token made anew by the page. */
  fresh(token) {
    if (token === this.token) return;
    this.token = token;
    if (this.state === "signed out") this.soon();
  }

  /** Send as soon as what was done is on the screen, or when the request under way is back. */
  soon(delay = 0) {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), delay);
  }

  async send() {
    if (this.busy || this.stopped) return;
    this.busy = true;
    const ops = this.outbox.ops.slice(0, this.most);
    for (const op of ops) this.outbox.sent.add(op.id);
    const { holding, want } = this.ask();
    const reply = await this.post({ request: uuid(), ops, holding, want, language: this.language }, ops);
    this.busy = false;
    if (this.stopped && !reply) return;
    if (reply) this.took(reply, ops);
    this.changed();
  }

  async post(body, ops) {
    try {
      const response = await fetch(new URL(this.path, this.api), {
        method: "POST",
        headers: this.headers(),
        body: written(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.ok) return await response.json();
      await this.refused(response, ops);
    } catch {
      this.again("offline");
    }
    return null;
  }

  headers() {
    return { "Content-Type": "application/json", "X-Coannotate-Token": this.token };
  }

  took(reply, ops) {
    this.state = "working";
    this.failures = 0;
    if (reply.token) this.token = reply.token;
    const answered = new Set(reply.results.map((result) => result.id));
    this.receive(reply);
    if (ops.length && ops.every((op) => answered.has(op.id))) this.most = MOST_OPS;
    const stuck = ops.some((op) => !answered.has(op.id));
    if (this.outbox.waiting.length) this.soon(stuck ? SLOWEST_MS : 0);
  }

  /** The server did not take a whole request. */
  async refused(response, ops) {
    if (response.status === 401 || response.status === 403) {
      this.again("signed out");
      this.renew();
    } else if ((response.status === 413 || response.status === 422) && ops.length) {
      await this.narrow(response, ops);
    } else {
      this.again("down");
    }
  }

  /** One bad op must not keep the others: send one at a time, and set the bad one aside. */
  async narrow(response, ops) {
    if (ops.length === 1) {
      this.rejected(this.outbox.take(ops[0].id), await reason(response));
    }
    this.most = 1;
    this.soon();
  }

  again(state) {
    this.state = state;
    this.failures += 1;
    const delay = Math.min(SLOWEST_MS, 250 * 2 ** this.failures);
    this.soon(delay * (0.75 + Math.random() / 2));
  }

  /**
   * What waits, once more, in a request that may outlive the page. leave: ids of tasks that were
   * fetched ahead, and go back to the queue with it when nothing of what was said stays behind.
   */
  leave(leave = []) {
    const ops = [];
    let bytes = 0;
    for (const op of this.outbox.ops.slice(0, MOST_OPS)) {
      bytes += new TextEncoder().encode(JSON.stringify(op)).length;
      if (bytes > KEEPALIVE_BYTES) break;
      ops.push(op);
    }
    if (ops.length < this.outbox.ops.length) leave = [];
    if ((!ops.length && !leave.length) || this.stopped) return;
    for (const op of ops) this.outbox.sent.add(op.id);
    const holding = this.ask().holding.filter((id) => !leave.includes(id));
    const back = leave.length ? { leave } : {}; // decisions know no such thing
    const body = written({ request: uuid(), ops, holding, want: 0, language: this.language, ...back });
    const options = { method: "POST", headers: this.headers(), body, keepalive: true };
    fetch(new URL(this.path, this.api), options).catch(() => {});
  }

  /** {answers, next}: one's own answers, newest first. Raises when there is no connection. */
  async history(before) {
    const url = new URL("history", this.api);
    url.searchParams.set("limit", "30");
    if (before) url.searchParams.set("before", before);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { headers: this.headers(), signal });
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  }
}

/** As JSON. Half of a sign, which a paste can leave behind, is one that every reader takes. */
function written(body) {
  const whole = (_, value) => (typeof value === "string" ? (value.toWellFormed?.() ?? value) : value);
  const json = JSON.stringify(body);
  return /\\ud[89a-f]/i.test(json) ? JSON.stringify(body, whole) : json;
}

async function reason(response) {
  const text = await response.text();
  try {
    const said = JSON.parse(text);
    return said.message ?? said.error ?? text;
  } catch {
    return text;
  }
}
