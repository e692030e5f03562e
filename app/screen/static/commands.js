// What buttons and keys ask for.

export class Commands {
  constructor(desk) {
    this.desk = desk;
  }

  /** What the buttons do, by name. */
  acts() {
    const { desk } = this;
    return {
      submit: () => desk.deeds.submit(),
      skip: () => desk.deeds.skip(),
      undo: () => desk.deeds.undo(),
      flag: () => desk.deeds.flag(),
      note: () => desk.view.openNote(),
      noted: () => desk.keep(),
      left: () => desk.focus(),
      guideline: () => desk.guide.toggle(),
      help: () => this.help(),
      conflicts: () => desk.dialogs.conflicts(desk.conflicts.all, (one) => desk.dismiss(one)),
      look: (entry) => desk.look(entry),
      sign_in: () => desk.reload(),
    };
  }

  help() {
    const { desk } = this;
    desk.dialogs.help(desk.screens.keys(), desk.settings.controls());
  }

  /** See keys.js. Dialogs come first, then the question, the item, and last what holds for all. */
  key(key, event, how) {
    const { desk } = this;
    desk.touched = performance.now();
    if (desk.dialogs.open) return desk.dialogs.key(key, event, how);
    if (how === "ctrl") return this.controlled(key);
    if (how === "typing") return false; // what is typed into belongs to whoever drew it
    if (desk.form && !desk.form.locked && desk.form.key(event)) return true;
    if (desk.card?.key(event) || (key === "a" && desk.screens.acceptKey && desk.screens.accept())) return true;
    const act = this.meaning(key);
    act?.();
    return Boolean(act);
  }

  /** Ctrl+Enter submits, Ctrl+Z undoes: first what the question itself can take back. */
  controlled(key) {
    const { desk } = this;
    if (key === "s") desk.sync.soon(); // the hand does it by itself, and wants no file of the page
    else if (key === "Enter") desk.deeds.submit();
    else if (!desk.form?.undo()) desk.deeds.undo();
    return true;
  }

  meaning(key) {
    const { deeds, view, past, guide } = this.desk;
    const acts = {
      Enter: () => deeds.submit(),
      Space: () => deeds.skip(),
      s: () => deeds.skip(),
      u: () => deeds.undo(),
      f: () => deeds.flag(),
      n: () => view.openNote(),
      g: () => guide.toggle(),
      "?": () => this.help(),
      ArrowLeft: () => this.desk.walk(1),
      ArrowRight: () => past.shown && this.desk.walk(-1),
      PageDown: () => view.scroll(1),
      PageUp: () => view.scroll(-1),
      Escape: past.shown ? () => this.desk.leave() : undefined,
    };
    return Object.hasOwn(acts, key) ? acts[key] : undefined;
  }
}
