// What a person does with an item: each deed is shown at once and told to the server behind it.

import { summary } from "./describe.js";
import { same, uuid } from "./dom.js";

const AFTER_FRAME_MS = 20; // the next item is on the screen first

export class Deeds {
  constructor(desk) {
    this.desk = desk;
    this.undone = new Map(); // id of an undo op -> id of the task it brought back
  }

  submit() {
    const { desk } = this;
    if (desk.held.on) return desk.held.decide();
    if (!desk.form) return;
    const lack = desk.form.lack();
    if (lack) desk.view.tell(lack, "ask");
    else if (desk.past.shown) this.revise();
    else this.answer();
  }

  answer() {
    const { desk } = this;
    const { task } = desk.shown;
    const note = desk.view.note.value.trim();
    const answers = desk.form.values();
    const op = { op: "answer", id: uuid(), task: task.id, attempt: task.attempt, answers };
    op.seconds = desk.form.seconds();
    op.exposure = desk.screens.exposure(task);
    if (note) op.note = note;
    const said = desk.t("saved_as", { answer: summary(task, answers, desk.t) });
    this.settle(op, { answers, kind: "answer", note }, said);
  }

  /** Away with the item; the next one is shown, then the server is told. */
  settle(op, about, said) {
    const { desk } = this;
    const { task } = desk.shown;
    desk.drafts.forget(task);
    desk.queue.take(task.id);
    const at = new Date().toISOString();
    desk.past.add({ ops: [op.id], before: task.attempt, task, at, revisable: true, ...about });
    desk.outbox.add(op, desk.about(task, about));
    desk.view.tell(said, "good");
    if (op.op === "answer" && (task.mode === "reveal" || task.training)) desk.held.hold(op, task);
    desk.draw();
    desk.sync.soon(AFTER_FRAME_MS);
  }

  skip() {
    const { desk } = this;
    if (!desk.form || desk.past.shown || desk.held.on) return;
    const { task } = desk.shown;
    desk.dialogs.skip((reason) => {
      if (desk.shown?.task !== task) return; // lost while the reasons were open
      const seconds = Object.values(desk.form.seconds()).reduce((sum, one) => sum + one, 0);
      const op = { op: "skip", id: uuid(), task: task.id, attempt: task.attempt, seconds };
      if (reason) op.reason = reason;
      this.settle(op, { answers: {}, kind: "skip", note: reason }, desk.t("skipped"));
    });
  }

  flag() {
    const { desk } = this;
    if (!desk.form) return;
    const { task } = desk.shown;
    desk.dialogs.flag((comment) => {
      const op = { op: "flag", id: uuid(), task: task.id, attempt: task.attempt, comment };
      desk.outbox.add(op, { key: task.key, words: comment });
      desk.view.tell(desk.t("flagged"), "good");
      desk.draw();
      desk.sync.soon();
    });
  }

  /** Take an answer or skip back: the one that is looked at, else the last. Its item comes first. */
  undo() {
    const { desk } = this;
    desk.held.release();
    const entry = desk.past.shown ?? desk.past.entries.find((one) => one.revisable);
    if (!entry?.revisable || !desk.active) return desk.view.tell(desk.t("nothing_to_undo"), "ask");
    while (entry.ops.length && desk.outbox.here(entry.ops.at(-1))) desk.outbox.take(entry.ops.pop());
    const task = { ...entry.task, attempt: entry.before + entry.ops.length };
    if (entry.ops.length) this.tellUndo(entry, task);
    desk.past.remove(entry);
    desk.past.leave();
    desk.drafts.keep(task, entry.answers ?? {}, entry.kind === "skip" ? "" : (entry.note ?? ""));
    desk.queue.front(task);
    desk.view.tell(desk.t("taken_back"), "good");
    desk.draw();
    desk.sync.soon();
  }

  tellUndo(entry, task) {
    const op = { op: "undo", id: uuid(), target: entry.ops.at(-1) };
    this.desk.outbox.add(op, this.desk.about(task, entry));
    this.undone.set(op.id, task.id);
  }

  /** Another answer to an item of the past; the work goes on where it was. */
  revise() {
    const { desk } = this;
    const { entry, task } = desk.shown;
    const answers = desk.form.values();
    const note = desk.view.note.value.trim();
    const changed = !same(answers, entry.answers) || note !== (entry.note ?? "");
    if (!entry.revisable || !changed) return desk.leave();
    const op = { op: "revise", id: uuid(), target: entry.ops.at(-1), answers, note };
    entry.ops.push(op.id);
    Object.assign(entry, { answers, note, kind: "answer" });
    desk.outbox.add(op, desk.about(task, entry));
    desk.leave();
    desk.view.tell(desk.t("changed_to", { answer: summary(task, answers, desk.t) }), "good");
    desk.sync.soon();
  }
}
