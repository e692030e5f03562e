// What was done here and is not known to be stored: kept in the browser until the server says so.

const OP = "op/";
const CONFLICT = "conflict/";

/**
 * Ops in the order in which they were done. Each has a place of its own in the browser's store, so
 * that two windows never overwrite each other's, and an op costs the same however many wait.
 */
export class Outbox {
  constructor(shelf) {
    this.shelf = shelf;
    this.sent = new Set();
    this.last = 0;
    this.load();
  }

  /** Read what waits: left by a window that was closed, or by the one that worked before. */
  load() {
    this.waiting = this.shelf.entries(OP).map(([name, { op, about }]) => ({ name, op, about }));
    for (const { op } of this.waiting) this.sent.add(op.id); // it may have arrived: nobody knows
  }

  get ops() {
    return this.waiting.map(({ op }) => op);
  }

  /** Ops whose loss would cost an answer: drafts are stored here as well. */
  get unsaved() {
    return this.waiting.filter(({ op }) => op.op !== "draft").length;
  }

  /** about: {key, words} of the item and what was said, for a list of conflicts. */
  add(op, about = { key: "", words: "" }) {
    this.last = Math.max(this.last + 1, Date.now());
    const name = `${OP}${String(this.last).padStart(15, "0")}/${op.id}`;
    this.shelf.set(name, { op, about });
    this.waiting.push({ name, op, about });
    return op;
  }

  has(id) {
    return this.waiting.some(({ op }) => op.id === id);
  }

  /** Whether this op waits and has never left the browser, so that it can be undone here. */
  here(id) {
    return this.has(id) && !this.sent.has(id);
  }

  /** {op, about} of an op that need not wait any more; null when it does not. */
  take(id) {
    const at = this.waiting.findIndex(({ op }) => op.id === id);
    if (at < 0) return null;
    const [taken] = this.waiting.splice(at, 1);
    this.shelf.remove(taken.name);
    return taken;
  }

  /** Take out unsent drafts of a task: a later draft, or its answer, replaces them. */
  dropDrafts(task) {
    for (const op of this.ops) if (op.op === "draft" && op.task === task) this.take(op.id);
  }

  /** Whether an answer or skip of this task waits. */
  answers(task) {
    return this.ops.some(
      (op) => (op.op === "answer" || op.op === "skip") && op.task === task.id && op.attempt === task.attempt,
    );
  }
}

/** Answers that the server could not store, kept until the person has looked at them. */
export class Conflicts {
  constructor(shelf) {
    this.shelf = shelf;
  }

  /** [{op, about, message, at}], oldest first. */
  get all() {
    return this.shelf.entries(CONFLICT).map(([, conflict]) => conflict);
  }

  add({ op, about }, message) {
    const at = new Date().toISOString();
    this.shelf.set(`${CONFLICT}${at}/${op.id}`, { op, about, message, at });
  }

  dismiss({ op, at }) {
    this.shelf.remove(`${CONFLICT}${at}/${op.id}`);
  }
}
