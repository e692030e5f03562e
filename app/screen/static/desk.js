// A person at work: takes tasks from the queue, answers go to the outbox, the server is told.

import { uuid, same } from "./dom.js";
import { Dialogs } from "./dialogs.js";
import { Drafts } from "./drafts.js";
import { Form } from "./form.js";
import { Guide } from "./guide.js";
import { Keys } from "./keys.js";
import { Conflicts, Outbox } from "./outbox.js";
import { Past } from "./past.js";
import { Queue } from "./queue.js";
import { Screens } from "./screens.js";
import { Settings } from "./settings.js";
import { Shelf } from "./shelf.js";
import { summary } from "./describe.js";
import { Sync } from "./sync.js";
import { Tab } from "./tab.js";
import { verdict } from "./verdict.js";
import { View } from "./view.js";
import { moment } from "./strings.js";
import { render } from "./fields/index.js";

const REVEAL_WAIT_MS = 1500;
const LOOK_AGAIN_MS = 15_000;
const KEEP_LEASE_MS = 60_000;

export class Desk {
  /** makers: question type -> make. t: translator. page: {renew(): ask for a token}. */
  constructor(root, data, makers, t, page) {
    Object.assign(this, { root, data, makers, t });
    const shelf = new Shelf(`coannotate/${data.project}/${data.person.id}/`);
    this.shelf = shelf;
    this.settings = new Settings(new Shelf("coannotate/settings/"), data, t);
    this.outbox = new Outbox(shelf);
    this.conflicts = new Conflicts(shelf);
    this.queue = new Queue();
    this.view = new View(root, data, t, this.acts());
    this.guide = new Guide(this.view, data, t, this.settings);
    this.dialogs = new Dialogs(this.view.layer, t, data.language, () => this.view.root.focus({ preventScroll: true }));
    this.screens = new Screens(this, t);
    this.sync = new Sync({
      api: data.api,
      token: data.token,
      language: data.language,
      outbox: this.outbox,
      ask: () => ({ holding: this.queue.ids, want: this.queue.wanted }),
      receive: (reply) => this.receive(reply),
      rejected: (taken, message) => this.conflict(taken, message),
      changed: () => this.draw(),
      renew: page.renew,
    });
    this.past = new Past((before) => this.sync.history(before));
    this.drafts = new Drafts(shelf, this.outbox, worthKeeping, () => this.sync.soon());
    this.form = null;
    this.shown = null; // {task, entry, attempt}
    this.held = null; // an answer that waits for what the model said
    this.state = { name: "loading", message: "" };
    this.active = null; // whether this window works; null: not known yet
    this.keys = new Keys(root, (key, event, how) => this.key(key, event, how));
    this.listen();
    this.tab = new Tab(`coannotate/${data.project}/${data.person.id}`, (acts) => this.turn(acts));
    this.draw();
  }

  acts() {
    return {
      submit: () => this.submit(),
      skip: () => this.skip(),
      undo: () => this.undo(),
      flag: () => this.flag(),
      note: () => this.view.note.focus(),
      noted: () => this.keep(),
      guideline: () => this.guide.toggle(),
      help: () => this.dialogs.help(this.screens.keys(), this.settings.controls()),
      conflicts: () => this.dialogs.conflicts(this.conflicts.all, (one) => this.dismiss(one)),
      look: (entry) => this.look(entry),
    };
  }

  listen() {
    const stop = (this.stopping = new AbortController());
    const on = (target, name, act) => target.addEventListener(name, act, { signal: stop.signal });
    on(window, "pagehide", () => this.sync.leave());
    on(document, "visibilitychange", () => this.seen());
    on(window, "beforeunload", (event) => this.outbox.unsaved && this.active && event.preventDefault());
    this.clock = setInterval(() => this.tick(), 1000);
    this.told = performance.now();
    this.touched = performance.now();
  }

  /** Streamlit hands over the same data again, with a new token, at every run of the page. */
  update(data) {
    this.sync.fresh(data.token);
  }

  destroy() {
    this.sync.leave();
    this.stopping.abort();
    clearInterval(this.clock);
    this.keys.destroy();
    this.tab.destroy();
    this.sync.destroy();
    this.form?.destroy();
  }

  // which window, and time

  turn(active) {
    if (active === this.active) return;
    this.active = active;
    if (active) {
      this.outbox.load();
      this.sync.start();
      this.past.more().then(() => this.draw()).catch(() => {});
    } else {
      this.sync.stop();
      this.queue.tasks = [];
      this.shown = null;
    }
    this.draw();
  }

  seen() {
    if (document.hidden) {
      this.form?.pause();
      this.sync.leave();
    } else {
      this.form?.resume();
      this.sync.soon(); // the lease may have gone while this window slept
    }
  }

  tick() {
    if (!this.root.isConnected) return void this.destroy();
    if (!this.active) return;
    const now = performance.now();
    const idle = now - this.told;
    const bare = !this.queue.first && idle > LOOK_AGAIN_MS;
    const renew = idle > KEEP_LEASE_MS && this.touched > this.told && !document.hidden;
    if ((bare || renew) && this.sync.state === "working") {
      this.told = now;
      this.sync.soon();
    }
  }

  // what the server says

  receive(reply) {
    this.told = performance.now();
    for (const result of reply.results) this.result(result);
    for (const id of reply.lost ?? []) this.lose(id);
    this.queue.add(reply.tasks.filter((task) => !this.outbox.answers(task)));
    this.day = reply.day;
    this.state = { name: reply.state, message: reply.message ?? "" };
  }

  result(result) {
    const taken = this.outbox.take(result.id);
    if (!taken) return;
    if (result.status !== "stored") this.conflict(taken, result.message ?? "");
    const entry = this.past.find(result.id);
    if (entry) entry.result = result;
    if (this.held?.op.id === result.id) this.judge(result);
  }

  /** An op that could not be stored: shown, kept, and what it did here is taken back. */
  conflict(taken, message) {
    const { op } = taken;
    if (op.op === "draft") return;
    this.conflicts.add(taken, message);
    const entry = this.past.find(op.op === "answer" || op.op === "skip" ? op.id : "");
    if (entry) this.past.remove(entry);
    if (op.op === "undo") this.queue.take(this.undone?.get(op.id));
    this.view.tell(this.t("not_stored"), "bad");
  }

  dismiss(conflict) {
    this.conflicts.dismiss(conflict);
    this.draw();
  }

  lose(id) {
    const first = this.queue.first?.id === id;
    if (!this.queue.take(id) || !first) return;
    this.view.tell(this.t("lost"), "ask");
  }

  // what is on the screen

  draw() {
    this.view.day(this.day);
    this.view.trouble(this.conflicts.all.length);
    this.view.state(...this.screens.status());
    this.view.history(this.past.entries, this.past.shown);
    if (this.held && this.active) return;
    const entry = this.past.shown;
    const task = entry?.task ?? this.queue.first;
    const screen = this.screens.instead(task);
    if (screen) this.blank(screen);
    else if (this.shown?.task !== task || this.shown.entry !== entry) this.show(task, entry);
  }

  blank({ name, title, message, acts }) {
    this.form?.destroy();
    this.form = this.shown = null;
    this.view.verdict.hidden = true;
    this.view.blank(name, title, message, acts);
  }

  show(task, entry) {
    this.form?.destroy();
    this.shown = { task, entry, before: JSON.stringify(entry?.answers ?? null) };
    const context = { t: this.t, language: this.data.language, changed: (...about) => this.changed(...about), submit: () => this.submit() };
    this.form = new Form(task, this.makers, context);
    const draft = entry ?? this.drafts.of(task);
    this.form.set(draft?.answers ?? {});
    this.view.note.value = draft?.note ?? "";
    const shown = this.form.shown();
    const card = shown.length ? render(shown, context).element : null;
    this.screens.suggest(this.form);
    this.view.verdict.hidden = true;
    this.view.show(this.form, card, this.screens.heading(task, entry));
    if (entry) this.view.tell(this.screens.past(entry), "ask");
    this.form.lock(Boolean(entry) && !entry.revisable);
    if (!this.root.contains(document.activeElement)) this.root.focus({ preventScroll: true });
    this.view.say(this.t("now_item", { key: task.key }));
  }

  changed(form, name, how) {
    if (form !== this.form) return; // it was filled in, not changed by the person
    this.keep();
    this.screens.touched();
    const alone = form.asked.length === 1 && this.shown.task.questions.length === 1;
    if (how.chosen && alone && this.settings.submitsOnSelect) this.submit();
  }

  keep() {
    if (!this.form || this.past.shown || this.held) return;
    this.drafts.keep(this.shown.task, this.form.values(), this.view.note.value);
  }

  // what the person does

  submit() {
    if (this.held) return this.decide();
    if (!this.form) return;
    const lack = this.form.lack();
    if (lack) return this.view.tell(lack, "ask");
    if (this.past.shown) return this.revise();
    const { task } = this.shown;
    const note = this.view.note.value.trim();
    const answers = this.form.values();
    const op = { op: "answer", id: uuid(), task: task.id, attempt: task.attempt, answers, seconds: this.form.seconds(), exposure: this.screens.exposure(task, answers) };
    if (note) op.note = note;
    const said = this.t("saved_as", { answer: summary(task, answers, this.t) });
    this.settle(op, { answers, kind: "answer", note }, said);
  }

  /** An answer or a skip: away with the item, the next one is shown, then the server is told. */
  settle(op, about, said) {
    const { task } = this.shown;
    this.drafts.forget(task);
    this.queue.take(task.id);
    this.past.add({ op: op.id, task, at: new Date().toISOString(), revisable: true, ...about });
    this.outbox.add(op, this.about(task, about));
    this.view.tell(said, "good");
    if (op.op === "answer" && (task.mode === "reveal" || task.training)) this.hold(op, task);
    this.draw();
    this.sync.soon();
  }

  about(task, { answers, kind, note }) {
    const words = kind === "skip" ? this.t("skipped") : summary(task, answers, this.t);
    return { key: task.key, words: [words, note].filter(Boolean).join(" · ") };
  }

  skip() {
    if (!this.form || this.past.shown || this.held) return;
    this.dialogs.skip((reason) => {
      const { task } = this.shown;
      const seconds = Object.values(this.form.seconds()).reduce((sum, one) => sum + one, 0);
      const op = { op: "skip", id: uuid(), task: task.id, attempt: task.attempt, seconds };
      if (reason) op.reason = reason;
      this.settle(op, { answers: {}, kind: "skip", note: reason }, this.t("skipped"));
    });
  }

  flag() {
    if (!this.form) return;
    const { task } = this.shown;
    this.dialogs.flag((comment) => {
      this.outbox.add({ op: "flag", id: uuid(), task: task.id, attempt: task.attempt, comment }, { key: task.key, words: comment });
      this.view.tell(this.t("flagged"), "good");
      this.sync.soon();
      this.draw();
    });
  }

  undo(entry = this.past.shown ?? this.past.entries.find((one) => one.revisable)) {
    if (this.held) this.release();
    if (!entry?.revisable || !this.active) return this.view.tell(this.t("nothing_to_undo"), "ask");
    const { task } = entry;
    if (this.outbox.here(entry.op)) {
      this.outbox.take(entry.op);
      this.queue.front(task);
    } else {
      const op = this.outbox.add({ op: "undo", id: uuid(), target: entry.op }, this.about(task, entry));
      (this.undone ??= new Map()).set(op.id, task.id);
      this.queue.front({ ...task, attempt: task.attempt + 1 });
    }
    this.past.remove(entry);
    this.past.leave();
    this.drafts.keep(task, entry.answers ?? {}, entry.kind === "skip" ? "" : (entry.note ?? ""));
    this.view.tell(this.t("taken_back"), "good");
    this.draw();
    this.sync.soon();
  }

  // the past

  async walk(by) {
    if (this.held || !this.active) return;
    if (!(await this.past.step(by))) return this.view.tell(this.t("no_further"), "ask");
    if (!this.past.shown) this.view.tell("");
    this.draw();
  }

  look(entry) {
    if (this.held) return;
    this.past.at = this.past.entries.indexOf(entry);
    this.draw();
  }

  leave() {
    this.past.leave();
    this.view.tell("");
    this.draw();
  }

  revise() {
    const { entry, task } = this.shown;
    const answers = this.form.values();
    const note = this.view.note.value.trim();
    if (!entry.revisable) return this.leave();
    if (same(answers, entry.answers) && note === (entry.note ?? "")) return this.leave();
    const op = { op: "revise", id: uuid(), target: entry.op, answers };
    if (note) op.note = note;
    Object.assign(entry, { answers, note, kind: "answer" });
    this.outbox.add(op, this.about(task, entry));
    this.leave();
    this.view.tell(this.t("changed_to", { answer: summary(task, answers, this.t) }), "good");
    this.sync.soon();
  }

  // what the model said, once one has answered

  hold(op, task) {
    const timer = setTimeout(() => this.release(), REVEAL_WAIT_MS);
    this.held = { op, task, answers: op.answers, timer, seen: false };
    this.form.lock(true);
  }

  judge(result) {
    clearTimeout(this.held.timer);
    const { task, answers } = this.held;
    const stop = verdict(this.view.verdict, task, answers, result, this.t);
    if (!stop) {
      this.release();
      const same = result.reveal && Object.keys(result.reveal).length;
      return this.view.tell(this.t(result.feedback ? "right" : same ? "model_same" : "saved"), "good");
    }
    this.held.seen = true;
    this.held.revealed = Boolean(result.reveal && Object.keys(result.reveal).length);
    this.view.verdict.hidden = false;
    this.form.lock(!this.held.revealed);
    this.view.tell("");
  }

  /** Enter once the model's answer was seen: a changed answer is stored beside the first. */
  decide() {
    if (!this.held.seen) return;
    const { op, answers, revealed, task } = this.held;
    const second = this.form.values();
    if (revealed && !same(second, answers)) {
      if (this.form.lack()) return;
      this.outbox.add({ op: "second", id: uuid(), target: op.id, answers: second }, this.about(task, { answers: second }));
      const entry = this.past.find(op.id);
      if (entry) entry.answers = second;
      this.view.tell(this.t("second_saved"), "good");
    }
    this.release();
  }

  release() {
    clearTimeout(this.held?.timer);
    this.held = null;
    this.shown = null;
    this.draw();
    this.sync.soon();
  }

  // keys

  key(key, event, how) {
    this.touched = performance.now();
    if (this.dialogs.open) return this.dialogs.key(key, event, how);
    if (how === "ctrl") return key === "Enter" ? (this.submit(), true) : (this.undo(), true);
    if (how === "typing") return this.typed(key);
    if (this.form && !this.form.locked && this.form.key(event)) return true;
    if (this.screens.accept(key)) return true;
    const act = this.meaning(key);
    act?.();
    return Boolean(act);
  }

  typed(key) {
    if (key !== "Escape") return false;
    this.root.focus({ preventScroll: true });
    return true;
  }

  meaning(key) {
    const acts = {
      Enter: () => this.submit(),
      Space: () => this.skip(),
      s: () => this.skip(),
      u: () => this.undo(),
      f: () => this.flag(),
      n: () => !this.view.note.disabled && this.view.note.focus(),
      g: () => this.guide.toggle(),
      "?": () => this.acts().help(),
      ArrowLeft: () => this.walk(1),
      ArrowRight: () => this.past.shown && this.walk(-1),
      PageDown: () => this.view.scroll(1),
      PageUp: () => this.view.scroll(-1),
      Escape: this.past.shown ? () => this.leave() : this.guide.open ? () => this.guide.toggle() : undefined,
    };
    return Object.hasOwn(acts, key) ? acts[key] : undefined;
  }
}

/** Answers that take minutes: they must not die with a window or a machine. */
function worthKeeping(task) {
  return task.questions.length > 1 || task.questions.some(({ type }) => type === "text" || type === "spans");
}
