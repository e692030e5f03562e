// What Streamlit lays over the page while its server does not answer: a dialog that takes the keys.

const TITLE = "Connection error"; // it speaks English only

/** Closes that dialog as it comes, once in every outage: the desk goes on, and says itself that it is offline. */
export class Cover {
  constructor() {
    this.watching = new MutationObserver(() => this.lift());
    this.watching.observe(document.body, { childList: true });
    this.lift();
  }

  lift() {
    for (const dialog of document.querySelectorAll("body > [data-testid=stDialog]")) {
      if (dialog.querySelector("h2")?.textContent === TITLE) dialog.querySelector("button")?.click();
    }
  }

  destroy() {
    this.watching.disconnect();
  }
}
