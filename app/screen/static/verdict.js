// After an answer: what the model said and why the item was sent, or whether a training answer was right.

import { fill, h, same } from "./dom.js";
import { describe } from "./describe.js";

/**
 * Draw it into `box`. result: of the answer's op. Returns whether the person should see it before
 * going on: the model said something else, or the answer was wrong.
 */
export function verdict(box, task, answers, result, t) {
  const rows = task.questions.flatMap((spec) => {
    const order = task.order?.[spec.name];
    const said = (value) => describe(spec, value, t, order);
    return [reveal(spec, result.reveal?.[spec.name], answers, said, t), feedback(result.feedback?.[spec.name], said, t)];
  });
  const drawn = rows.filter(Boolean);
  const hint = result.reveal ? h("p", { class: "hint" }, t("keep_or_change")) : null;
  fill(box, ...drawn.map((row) => row.element), hint);
  return drawn.some((row) => row.stop);
}

function reveal(spec, shown, answers, said, t) {
  if (!shown) return null;
  const words = said(shown.value);
  const agrees = same(shown.value, answers[spec.name]);
  const element = h(
    "div",
    { class: agrees ? "ruling good" : "ruling ask" },
    h("b", { dir: "auto" }, t(agrees ? "model_agrees" : "model_says", { answer: words })),
    shown.reason ? h("p", { dir: "auto" }, t("sent_because", { reason: shown.reason })) : null,
  );
  return { element, stop: !agrees };
}

function feedback(shown, said, t) {
  if (!shown) return null;
  const words = shown.right ? t("right") : t("wrong", { answer: said(shown.value) });
  const element = h(
    "div",
    { class: shown.right ? "ruling good" : "ruling bad" },
    h("b", { dir: "auto" }, words),
    shown.comment ? h("p", { dir: "auto" }, shown.comment) : null,
  );
  return { element, stop: !shown.right || Boolean(shown.comment) };
}
