// What a key means at the cases. C and R stay the browser page's.

const ACTS = {
  Enter: "decide",
  a: "ambiguous",
  b: "send_back",
  u: "undo",
  p: "names",
  n: "note",
  g: "guideline",
  "?": "help",
  ArrowLeft: "before",
  ArrowRight: "behind",
  k: "before",
  j: "behind",
};

/** Whether the key was used. court: who acts. how: "plain", "typing" or "ctrl", see keys.js. */
export function pressed(court, key, event, how) {
  if (court.dialogs.open) return court.dialogs.key(key, event, how);
  if (how === "ctrl" && key === "s") return true; // all is saved: the browser need not save the page
  if (how === "ctrl") return act(court, key === "z" ? "undo" : "decide");
  if (how === "typing") return key === "Escape" && act(court, "left");
  if (/^[1-9]$/.test(key)) return court.choose(Number(key) - 1), true;
  if (key === "ArrowUp" || key === "ArrowDown") return step(court, key === "ArrowUp" ? -1 : 1);
  if (key === "q") return nextQuestion(court);
  return key in ACTS && act(court, ACTS[key]);
}

function act(court, name) {
  court.bench.acts[name]();
  return true;
}

function step(court, by) {
  const count = court.case?.choices.length ?? 0;
  if (count) court.choose((Math.max(court.chosen, by > 0 ? -1 : 0) + by + count) % count);
  return count > 0;
}

function nextQuestion(court) {
  const names = court.data.questions;
  if (names.length < 2) return false;
  court.ask(names[(names.indexOf(court.question) + 1) % names.length]);
  return true;
}
