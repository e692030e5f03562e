// The tasks in hand, the shown one first.

export const PREFETCH = 12;
export const LOW_WATER = 6;

export class Queue {
  constructor() {
    this.tasks = [];
  }

  get first() {
    return this.tasks[0] ?? null;
  }

  get ids() {
    return this.tasks.map((task) => task.id);
  }

  /** How many tasks to ask for now: none above the low-water mark, so that few requests ask. */
  get wanted() {
    return this.tasks.length > LOW_WATER ? 0 : PREFETCH - this.tasks.length;
  }

  /** Append tasks; one that is here already takes over the attempt the server names. */
  add(tasks) {
    for (const task of tasks) {
      const known = this.tasks.find((one) => one.id === task.id);
      if (known) Object.assign(known, task);
      else this.tasks.push(task);
    }
  }

  /** Put a task before all others: it came back by an undo. */
  front(task) {
    this.take(task.id);
    this.tasks.unshift(task);
  }

  take(id) {
    const at = this.tasks.findIndex((task) => task.id === id);
    return at < 0 ? null : this.tasks.splice(at, 1)[0];
  }
}
