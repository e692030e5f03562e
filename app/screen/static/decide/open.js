// Whether the guideline is open beside the cases, kept apart from the labelling desk's.

import { Shelf } from "../shelf.js";

export class Open {
  constructor(project) {
    this.shelf = new Shelf("coannotate/settings/");
    this.name = `decide-guide/${project}`;
  }

  get guideOpen() {
    return this.shelf.get(this.name) ?? true;
  }

  set guideOpen(open) {
    this.shelf.set(this.name, open);
  }
}
