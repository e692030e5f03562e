// Unfinished answers: kept in this browser at every change, on the server a moment later.

import { uuid } from "./dom.js";

const DRAFT = "draft/";
const QUIET_MS = 2000;
const KEEP_MS = 14 * 24 * 3600 * 1000;

export class Drafts {
  constructor(shelf, outbox, soon) {
    Object.assign(this, { shelf, outbox, soon });
    this.timer = null;
    for (const [name, draft] of shelf.entries(DRAFT)) if (Date.now() - draft.at > KEEP_MS) shelf.remove(name);
  }

  /** {answers, note} of a task: of this browser, else what the server kept; null when none. */
  of(task) {
    const own = this.shelf.get(DRAFT + task.id);
    return own ?? (task.draft ? { answers: task.draft, note: "" } : null);
  }

  /** Those of these tasks that nothing is kept of. */
  unbegun(ids) {
    return ids.filter((id) => this.shelf.get(DRAFT + id) === null);
  }

  keep(task, answers, note) {
    this.shelf.set(DRAFT + task.id, { answers, note, at: Date.now() });
    if (!takesMinutes(task)) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(task, answers), QUIET_MS);
  }

  send(task, answers) {
    this.outbox.dropDrafts(task.id);
    this.outbox.add({ op: "draft", id: uuid(), task: task.id, answers });
    this.soon();
  }

  forget(task) {
    clearTimeout(this.timer);
    this.shelf.remove(DRAFT + task.id);
    this.outbox.dropDrafts(task.id);
  }
}

/** Answers that must not die with a window or a machine: the server keeps their drafts too. */
function takesMinutes(task) {
  return task.questions.length > 1 || task.questions.some(({ type }) => type === "text" || type === "spans");
}
