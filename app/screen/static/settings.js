// What a person has set for themselves in this browser.

import { h } from "./dom.js";

export class Settings {
  constructor(shelf, data, t) {
    Object.assign(this, { shelf, data, t });
  }

  get submitsOnSelect() {
    return this.shelf.get("submit-on-select") === true;
  }

  get guideOpen() {
    return this.shelf.get(`guide/${this.data.project}`) ?? true;
  }

  set guideOpen(open) {
    this.shelf.set(`guide/${this.data.project}`, open);
  }

  /** For the help dialog. Another language is there after the page has been drawn anew. */
  controls() {
    const { t, data, shelf } = this;
    const at_once = h("input", {
      type: "checkbox",
      checked: this.submitsOnSelect,
      onchange: (event) => shelf.set("submit-on-select", event.target.checked),
    });
    const languages = Object.entries(data.languages).map(([code, name]) =>
      h("option", { value: code, lang: code, selected: code === data.language }, name),
    );
    const choose = (event) => {
      shelf.set("language", event.target.value);
      data.restart();
    };
    return [
      h("label", {}, at_once, " ", t("submit_on_select")),
      h("label", {}, t("language"), " ", h("select", { onchange: choose }, ...languages)),
    ];
  }
}
