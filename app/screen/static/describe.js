// An answer in a few words, for lists.

/** t: translator. order: the letters of the responses as they were shown. */
export function describe(spec, value, t, order = []) {
  if (value === null || value === undefined) return "";
  const words = WORDS[spec.type];
  return words ? words(spec, value, t, order) : String(value);
}

const WORDS = {
  single_label: (spec, value) => titleOf(spec, value),
  multi_label: (spec, value, t) => (value.length ? value.map((one) => titleOf(spec, one)).join(", ") : t("none")),
  rating: (spec, value) =>
    typeof value === "number"
      ? String(value)
      : (spec.aspects ?? []).map(({ name, text }) => `${text || name} ${value[name] ?? "–"}`).join(", "),
  preference: (spec, value, t, order) => {
    const letter = typeof value === "string" ? value : value.choice;
    if (letter === "tie") return t("tie");
    const strength = value.strength && spec.strength ? ` (${value.strength}/${spec.strength})` : "";
    return response(letter, t, order) + strength;
  },
  ranking: (spec, value, t, order) => value.map((letter) => response(letter, t, order)).join(" › "),
  text: (spec, value, t) => `${t(`verdict.${value.verdict}`)}: ${value.text ?? ""}`,
  spans: (spec, value, t) => t("spans_count", { count: value.length }),
};

function titleOf(spec, value) {
  return spec.options.find((option) => option.value === value)?.title ?? String(value);
}

function response(letter, t, order) {
  const at = order.indexOf(letter);
  return t("response", { number: (at < 0 ? letter.charCodeAt(0) - 97 : at) + 1 });
}

/** All answers of a task on one line. */
export function summary(task, answers, t) {
  return task.questions
    .filter((spec) => answers && spec.name in answers)
    .map((spec) => describe(spec, answers[spec.name], t, task.order?.[spec.name]))
    .join(" · ");
}

/** The beginning of an item's text. */
export function snippet(task) {
  for (const field of task.fields) {
    const text = words(field).join(" ").replace(/\s+/g, " ").trim();
    if (text) return text.slice(0, 120);
  }
  return task.key;
}

function words(field) {
  if (field.text !== undefined) return [field.text.slice(0, 400)];
  if (field.pairs) return field.pairs.map(([name, value]) => `${name}: ${value}`);
  if (field.messages) return field.messages.flatMap((message) => nodeWords(message.nodes));
  return nodeWords(field.nodes ?? []);
}

function nodeWords(nodes) {
  return nodes.flatMap((node) => (typeof node === "string" ? [node] : nodeWords(node.children ?? [])));
}
