// An answer that waits for what the model said, or for whether it was right, before work goes on.

import { same, uuid } from "./dom.js";
import { verdict } from "./verdict.js";

const WAIT_MS = 1500; // without a word by then, offline say, the next item is shown

export class Held {
  constructor(desk) {
    this.desk = desk;
    this.now = null; // {op, task, timer, seen, revealed}
  }

  get on() {
    return this.now !== null;
  }

  hold(op, task) {
    this.now = { op, task, seen: false, timer: setTimeout(() => this.release(), WAIT_MS) };
    this.desk.form.lock(true);
  }

  /** The result of an op: if it is the one waited for, show what it reveals. */
  result(result) {
    if (this.now?.op.id !== result.id) return;
    clearTimeout(this.now.timer);
    const { desk, now } = this;
    const stop = result.status === "stored" && verdict(desk.view.verdict, now.task, now.op.answers, result, desk.t);
    if (!stop) {
      this.release();
      const words = result.feedback ? "right" : result.reveal ? "model_same" : null;
      if (words && result.status === "stored") desk.view.tell(desk.t(words), "good");
      return;
    }
    now.seen = true;
    now.revealed = Boolean(result.reveal);
    desk.view.verdict.hidden = false;
    desk.view.submitAs(desk.t(now.revealed ? "keep_answer" : "continue"));
    desk.form.lock(!now.revealed);
    desk.view.tell("");
  }

  /** Enter, once it was seen: an answer changed after it is stored beside the first. */
  decide() {
    const { desk, now } = this;
    if (!now.seen) return;
    const answers = desk.form.values();
    if (now.revealed && !same(answers, now.op.answers)) {
      const lack = desk.form.lack();
      if (lack) return desk.view.tell(lack, "ask");
      desk.outbox.add({ op: "second", id: uuid(), target: now.op.id, answers }, desk.about(now.task, { answers }));
      desk.view.tell(desk.t("second_saved"), "good");
    }
    this.release();
  }

  drop() {
    clearTimeout(this.now?.timer);
    this.now = null;
  }

  release() {
    if (!this.now) return;
    this.drop();
    this.desk.shown = null;
    this.desk.draw();
    this.desk.sync.soon();
  }
}
