// A lead at the cases: which one is shown, what was decided here, what the server knows, the keys.

import { Dialogs } from "../dialogs.js";
import { uuid } from "../dom.js";
import { Guide } from "../guide.js";
import { Keys } from "../keys.js";
import { Conflicts, Outbox } from "../outbox.js";
import { Shelf } from "../shelf.js";
import { Bench } from "./bench.js";
import { Docket } from "./docket.js";
import { pressed } from "./keyboard.js";
import { helpRows, sendBack } from "./asking.js";
import { Open } from "./open.js";
import { Send } from "./send.js";

const LOOK_AGAIN_MS = 15_000;

export class Court extends Docket {
  /** data: see app/screen/deciding.py. renew(): ask the page for a new token. */
  constructor(root, data, t, renew) {
    super(data.question);
    Object.assign(this, { root, data, t });
    this.mine = []; // {id, item, question} of decisions made here, oldest first
    this.names = false;
    const shelf = new Shelf(`coannotate/decide/${data.project}/${data.person.id}/`);
    this.outbox = new Outbox(shelf);
    this.conflicts = new Conflicts(shelf);
    this.bench = new Bench(root, data, t, this.acts());
    this.guide = new Guide(this.bench, data, t, new Open(data.project));
    this.dialogs = new Dialogs(this.bench.layer, t, data.language, () => this.focus());
    this.connect(renew);
    this.listen();
    this.draw();
    this.open(data.item);
  }

  connect(renew) {
    const { api, token, language } = this.data;
    this.sync = new Send({
      api,
      token,
      language,
      outbox: this.outbox,
      ask: () => ({ holding: [], want: 0 }),
      receive: (reply) => reply.results.forEach((result) => this.result(result)),
      rejected: (taken, message) => taken && this.conflict(taken, message),
      changed: () => this.drawAround(),
      renew,
    });
    this.sync.start();
  }

  listen() {
    this.stopping = new AbortController();
    const on = (target, name, act) => target.addEventListener(name, act, { signal: this.stopping.signal });
    on(window, "pagehide", () => this.sync.leave());
    on(window, "beforeunload", (event) => this.outbox.unsaved && event.preventDefault());
    this.looking = setInterval(() => this.lookAgain(), LOOK_AGAIN_MS);
    this.keys = new Keys(this.root, (key, event, how) => pressed(this, key, event, how));
  }

  update(data) {
    this.sync.fresh(data.token);
  }

  destroy() {
    this.sync.leave();
    this.stopping.abort();
    clearTimeout(this.retry);
    clearInterval(this.looking);
    this.keys.destroy();
    this.sync.destroy();
    this.bench.clear();
  }

  focus() {
    this.root.focus({ preventScroll: true });
  }

  /** What the buttons do, by name. */
  acts() {
    return {
      decide: () => this.decide(),
      ambiguous: () => this.ambiguous(),
      send_back: () => this.sendBack(),
      undo: () => this.takeBack(),
      names: () => this.showNames(),
      note: () => this.bench.note.focus(),
      left: () => this.focus(),
      before: () => this.walk(-1),
      behind: () => this.walk(1),
      guideline: () => this.guide.toggle(),
      help: () => this.dialogs.help([[this.t("keys_all"), helpRows(this.t, this.data)]], []),
      conflicts: () => this.dialogs.conflicts(this.conflicts.all, (one) => this.dismiss(one)),
      choose: (at) => this.choose(at),
      ask: (name) => this.ask(name),
    };
  }

  // deciding

  choose(at) {
    if (!this.case?.choices[at]) return;
    this.chosen = at;
    this.bench.choose(at);
  }

  decide() {
    const choice = this.case?.choices[this.chosen];
    if (!this.case) return;
    if (!choice) return this.bench.tell(this.t("decide.choose"), "ask");
    this.settle("decide", { value: choice.value }, choice.words);
  }

  ambiguous() {
    if (this.case) this.settle("ambiguous", {}, this.t("decide.did.ambiguous"));
  }

  sendBack() {
    if (!this.case) return;
    if (this.case.measures) return this.bench.tell(this.t("decide.measures"), "ask");
    sendBack(this, (comment, to) => this.settle("send_back", { comment, ...(to ? { to } : {}) }, this.t("decide.did.send_back")));
  }

  settle(kind, more, words) {
    const one = this.case;
    const comment = this.bench.note.value.trim();
    this.changes += 1;
    const op = { op: kind, id: uuid(), question: this.question, item: one.id, seen: one.standing, ...(comment ? { comment } : {}), ...more };
    this.outbox.add(op, { key: one.key, words: [words, op.comment].filter(Boolean).join(" · ") });
    one.stack.push(one.standing);
    one.standing = op.id;
    if (!one.done && this.waiting !== null) this.waiting -= 1;
    one.done = { kind, words };
    this.mine.push({ id: op.id, item: one.id, question: this.question });
    this.bench.note.value = "";
    this.bench.tell(this.t(`decide.told.${kind}`, { key: one.key, answer: words }), "good");
    this.onward();
    this.sync.soon();
  }

  /** One's last decision: out of the outbox if it never left, else by a word that supersedes it. */
  takeBack() {
    this.changes += 1;
    const last = this.mine.pop();
    if (last && this.outbox.here(last.id)) this.outbox.take(last.id);
    else {
      const about = last ? { item: last.item, seen: last.id } : {};
      const op = { op: "take_back", id: uuid(), question: last?.question ?? this.question, ...about };
      this.outbox.add(op, { key: "", words: this.t("taken_back") });
      this.sync.soon();
    }
    if (!last) return;
    this.reopened(last.id);
    if (last.question !== this.question) return this.ask(last.question);
    const at = this.cases.findIndex((one) => one.id === last.item);
    if (at >= 0) this.go(at);
    this.bench.tell(this.t("taken_back"), "good");
  }

  /** A decision made here stands no more. */
  reopened(id) {
    const one = this.cases.find((each) => each.standing === id);
    if (!one) return;
    one.standing = one.stack.pop();
    one.done = null;
    if (this.waiting !== null) this.waiting += 1;
  }

  // what the server says

  result(result) {
    const taken = this.outbox.take(result.id);
    if (!taken) return;
    if (result.status !== "stored") return this.conflict(taken, result.message);
    if (taken.op.op !== "take_back" || taken.op.item) return;
    this.fetch({ item: result.item }, (found) => this.insert(found)).then(() => this.bench.tell(this.t("taken_back"), "good"));
  }

  /** A decision that could not be stored: kept to be read, and its case comes back as it is now. */
  conflict(taken, message) {
    this.conflicts.add(taken, message);
    this.mine = this.mine.filter((one) => one.id !== taken.op.id);
    this.reopened(taken.op.id);
    this.bench.tell(this.t("decide.not_stored"), "bad");
    if (taken.op.item && taken.op.question === this.question) this.fetch({ item: taken.op.item }, (found) => this.insert(found));
    this.draw();
  }

  dismiss(conflict) {
    this.conflicts.dismiss(conflict);
    this.drawAround();
  }

  // what is on the screen

  showNames() {
    this.names = !this.names;
    this.draw();
  }

  /** A person as the lead wants to see them: a letter by the order of the answers, or their name. */
  called(at) {
    const { answers } = this.case;
    return this.names ? answers[at].name : String.fromCharCode(65 + (at % 26));
  }

  draw() {
    if (this.case) this.bench.show(this);
    else this.bench.blank(this.instead());
    this.drawAround();
    if (!this.root.contains(document.activeElement)) this.focus();
  }

  instead() {
    if (this.state === "offline") return [this.t("screen_offline"), this.t("decide.offline_help")];
    if (this.state === "loading" || !this.ended) return [this.t("screen_loading"), ""];
    if (this.state !== "ready") return [this.t("decide.no_queue"), this.state];
    return [this.t("decide.empty"), this.t("decide.empty_help")];
  }

  drawAround() {
    const count = this.outbox.unsaved;
    const { state } = this.sync;
    if (state !== "working" && count) this.bench.state("offline", this.t(`state_${state.replace(" ", "_")}`, { count }));
    else this.bench.state(count ? "busy" : "good", this.t(count ? "saving" : "saved"));
    this.bench.around(this);
  }
}
