// A person at work: what is on the screen, what the server says, which window works, the keys.

import { Commands } from "./commands.js";
import { Cover } from "./cover.js";
import { summary } from "./describe.js";
import { Deeds } from "./deeds.js";
import { Dialogs } from "./dialogs.js";
import { Drafts } from "./drafts.js";
import { Form } from "./form.js";
import { Guide } from "./guide.js";
import { Held } from "./held.js";
import { Keys } from "./keys.js";
import { Conflicts, Outbox } from "./outbox.js";
import { Past } from "./past.js";
import { Queue } from "./queue.js";
import { Screens } from "./screens.js";
import { Settings } from "./settings.js";
import { Shelf } from "./shelf.js";
import { Sync } from "./sync.js";
import { Tab } from "./tab.js";
import { View } from "./view.js";
import { render } from "./fields/index.js";

const LOOK_AGAIN_MS = 15_000;
const KEEP_LEASE_MS = 60_000;

export class Desk {
  /** data: see app/screen/mount.py. makers: question type -> make. page: {renew(): ask for a token}. */
  constructor(root, data, makers, t, page) {
    Object.assign(this, { root, data, makers, t });
    this.form = null;
    this.shown = null; // {task, entry} on the screen
    this.card = null; // the drawn fields of the item
    this.state = { name: "loading", message: "" };
    this.active = null; // whether this window works; null: not known yet
    this.keep_in_browser();
    this.build();
    this.connect(page);
    this.listen();
    this.tab = new Tab(`coannotate/${data.project}/${data.person.id}`, (acts) => this.turn(acts));
    this.draw();
  }

  keep_in_browser() {
    const { data, t } = this;
    this.shelf = new Shelf(`coannotate/${data.project}/${data.person.id}/`);
    this.settings = new Settings(new Shelf("coannotate/settings/"), data, t);
    this.outbox = new Outbox(this.shelf);
    this.conflicts = new Conflicts(this.shelf);
    this.drafts = new Drafts(this.shelf, this.outbox, () => this.sync.soon());
    this.queue = new Queue();
  }

  build() {
    const { root, data, t } = this;
    this.deeds = new Deeds(this);
    this.held = new Held(this);
    this.screens = new Screens(this, t);
    this.commands = new Commands(this);
    this.view = new View(root, data, t, this.commands.acts());
    this.guide = new Guide(this.view, data, t, this.settings);
    this.dialogs = new Dialogs(this.view.layer, t, data.language, () => this.focus());
    this.context = { t, language: data.language, changed: (...about) => this.changed(...about), submit: () => this.deeds.submit() };
  }

  connect({ renew }) {
    const { api, token, language } = this.data;
    this.sync = new Sync({
      api,
      token,
      language,
      outbox: this.outbox,
      ask: () => ({ holding: this.queue.ids, want: this.queue.wanted }),
      receive: (reply) => this.receive(reply),
      rejected: (taken, message) => this.conflict(taken, message),
      changed: () => this.draw(),
      renew,
    });
    this.past = new Past((before) => this.sync.history(before));
  }

  listen() {
    this.stopping = new AbortController();
    const on = (target, name, act) => target.addEventListener(name, act, { signal: this.stopping.signal });
    on(window, "pagehide", () => this.goodbye());
    on(document, "visibilitychange", () => this.seen());
    on(window, "beforeunload", (event) => this.active && this.outbox.unsaved && !this.leaving && event.preventDefault());
    this.keys = new Keys(this.root, (...pressed) => this.commands.key(...pressed));
    this.cover = new Cover();
    this.clock = setInterval(() => this.tick(), 1000);
    this.told = this.touched = performance.now();
  }

  /** Streamlit hands over the same data again, with a new token, at every run of the page. */
  update(data) {
    this.sync.fresh(data.token);
  }

  /** This window is going away: what it fetched ahead is for others, or for the next one. */
  goodbye() {
    this.sync.leave(this.drafts.unbegun(this.queue.ids));
  }

  destroy() {
    this.goodbye();
    this.stopping.abort();
    clearInterval(this.clock);
    this.keys.destroy();
    this.cover.destroy();
    this.tab.destroy();
    this.sync.destroy();
    this.clear();
  }

  /** Through the way in again; what is not saved waits in this browser. */
  reload() {
    this.leaving = true;
    window.location.reload();
  }

  focus() {
    this.root.focus({ preventScroll: true });
  }

  // which window works, and time

  turn(active) {
    if (active === this.active) return;
    this.active = active;
    if (active) {
      this.outbox.load();
      this.past.forget();
      this.sync.start();
    } else {
      this.sync.stop();
      this.held.drop();
      this.past.leave();
      this.queue.tasks = [];
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
    if (!this.active || this.sync.state !== "working") return;
    const idle = performance.now() - this.told;
    const bare = !this.queue.first && idle > LOOK_AGAIN_MS;
    const renew = idle > KEEP_LEASE_MS && this.touched > this.told && !document.hidden;
    if (!bare && !renew) return;
    this.told = performance.now();
    this.sync.soon();
  }

  receive(reply) {
    this.told = performance.now();
    for (const result of reply.results) this.result(result);
    for (const id of reply.lost ?? []) this.lose(id);
    this.queue.add(reply.tasks.filter((task) => !this.outbox.answers(task)));
    this.day = reply.day;
    this.state = { name: reply.state, message: reply.message ?? "" };
    if (!this.past.known && !this.outbox.unsaved) this.recall();
  }

  /** What was answered before, once the server has all that this browser kept. */
  recall() {
    this.past.known = true;
    this.past.more().then(() => this.draw()).catch(() => {}); // no connection: arrows ask again
  }

  result(result) {
    const taken = this.outbox.take(result.id);
    if (!taken) return;
    if (result.status !== "stored") this.conflict(taken, result.message ?? "");
    this.held.result(result);
  }

  /** An op that could not be stored: shown, kept, and what it did here is taken back. */
  conflict(taken, message) {
    const { op } = taken;
    if (op.op === "draft") return;
    this.conflicts.add(taken, message);
    this.past.without(op.id);
    if (op.op === "undo") this.queue.take(this.deeds.undone.get(op.id));
    this.view.tell(this.t("not_stored"), "bad");
  }

  dismiss(conflict) {
    this.conflicts.dismiss(conflict);
    this.draw();
  }

  lose(id) {
    const first = this.queue.first?.id === id;
    if (this.queue.take(id) && first) this.view.tell(this.t("lost"), "ask");
  }

  // what is on the screen

  draw() {
    this.view.state(...this.screens.status());
    this.drawItem();
    this.drawn ??= requestAnimationFrame(() => setTimeout(() => this.drawAround(), 0));
  }

  /** What stands around the item is drawn after the frame that shows the item. */
  drawAround() {
    this.drawn = null;
    this.view.signedOut(this.active && this.sync.state === "signed out");
    this.view.day(this.day);
    this.view.trouble(this.conflicts.all.length);
    this.view.history(this.past.entries, this.past.shown);
  }

  drawItem() {
    if (this.held.on && this.active) return;
    const entry = this.past.shown;
    const task = entry?.task ?? this.queue.first;
    const screen = this.screens.instead(task);
    if (screen) this.blank(screen);
    else if (this.shown?.task !== task || this.shown.entry !== entry) this.show(task, entry);
  }

  clear() {
    this.form?.destroy();
    this.card?.destroy?.();
    this.form = this.shown = this.card = null;
    this.view.verdict.hidden = true;
    this.view.submitAs(this.t("submit"));
  }

  blank({ name, title, message, acts }) {
    this.clear();
    this.view.blank(name, title, message, acts);
  }

  show(task, entry) {
    this.clear();
    this.shown = { task, entry };
    this.form = new Form(task, this.makers, this.context);
    const draft = entry ?? this.drafts.of(task);
    this.form.set(draft?.answers ?? {});
    this.view.write(entry?.kind === "skip" ? "" : (draft?.note ?? "")); // why it was skipped is no note
    const fields = this.form.shown();
    this.card = fields.length ? render(fields, this.context) : null;
    this.form.beside(this.card?.element);
    this.screens.suggest(this.form);
    this.view.show(this.form, this.card?.element, this.screens.heading(task, entry));
    if (entry) this.view.tell(this.screens.past(entry), "ask");
    this.form.lock(Boolean(entry) && !entry.revisable);
    if (!this.root.contains(document.activeElement)) this.focus();
    this.view.say(this.t("now_item", { key: task.key }));
  }

  changed(form, name, how) {
    if (form !== this.form) return; // it was filled in, not changed by the person
    this.keep();
    this.screens.moved = true;
    const alone = this.shown.task.questions.length === 1;
    if (how.chosen && alone && this.settings.submitsOnSelect && !this.held.on) this.deeds.submit();
  }

  keep() {
    if (!this.form || this.past.shown || this.held.on) return;
    this.drafts.keep(this.shown.task, this.form.values(), this.view.note.value);
  }

  /** {key, words} of a task and what was said about it. */
  about(task, { answers, kind, note }) {
    const words = kind === "skip" ? this.t("skipped") : summary(task, answers, this.t);
    return { key: task.key, words: [words, note].filter(Boolean).join(" · ") };
  }

  async walk(by) {
    if (this.held.on || !this.active) return;
    if (!(await this.past.step(by))) return void this.view.tell(this.t("no_further"), "ask");
    if (!this.past.shown) this.view.tell("");
    this.draw();
  }

  look(entry) {
    if (this.held.on || !this.active) return;
    this.past.at = this.past.entries.indexOf(entry);
    this.draw();
  }

  leave() {
    this.past.leave();
    this.view.tell("");
    this.draw();
  }
}
