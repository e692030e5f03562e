// Decisions go out as answers do, and cases come in.

import { Sync } from "../sync.js";

const TIMEOUT_MS = 30_000; // the consensus may have to be made up anew

export class Send extends Sync {
  constructor(options) {
    super(options);
    this.path = "decisions";
  }

  /** {question, waiting, cases}. asked: {question, after} or {question, item}. Raises an Error. */
  async cases(asked) {
    const url = new URL("cases", this.api);
    for (const [name, value] of Object.entries(asked)) if (value) url.searchParams.set(name, value);
    const response = await fetch(url, { headers: this.headers(), signal: AbortSignal.timeout(TIMEOUT_MS) });
    const reply = await response.json().catch(() => ({}));
    if (response.status === 401) this.renew();
    if (!response.ok) throw Object.assign(new Error(reply.error ?? String(response.status)), { status: response.status });
    if (reply.token) this.token = reply.token;
    return reply;
  }
}
