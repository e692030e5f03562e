// What was said of an item, part by part. Every word of the item or of a person is text, never HTML.

import { button, h, keycap } from "../dom.js";
import { moment } from "../strings.js";

const DIGITS = 9;

/** A titled part; null when there is nothing in it. */
export function card(title, rows) {
  return rows.length ? h("section", { class: "part" }, h("h3", {}, title), ...rows) : null;
}

/** The answers to choose from, each with who gives it. */
export function choices(court, choose) {
  const { t, case: one } = court;
  const lang = court.data.content_language;
  return one.choices.map((choice, at) => {
    const who = choice.by.map((each) => h("span", { class: "who", dir: "auto" }, court.called(each)));
    const asked = one.model.asked ?? 0;
    const votes = choice.votes ? h("span", { class: "votes", title: t("decide.votes_help") }, t("decide.votes", { votes: choice.votes, asked })) : null;
    const tags = [choice.delivered && !votes ? t("decide.delivered") : "", choice.middle ? t("decide.middle") : ""].filter(Boolean);
    const stands = one.earlier.some((word) => word.stands && word.kind === "decided" && word.words === choice.words);
    return button(
      { class: "option", role: "radio", "aria-checked": "false", onclick: () => choose(at) },
      at < DIGITS ? h("span", { class: "keys" }, keycap(String(at + 1))) : null,
      h(
        "span",
        { class: "words", lang },
        h("b", { dir: "auto" }, choice.words || t("decide.empty_answer")),
        choice.meant ? h("small", { dir: "auto" }, choice.meant) : null,
        tags.length || stands ? h("small", {}, [...tags, stands ? t("decide.stands") : ""].filter(Boolean).join(" · ")) : null,
      ),
      h("span", { class: "whose" }, ...who, votes),
    );
  });
}

/** Each person's answer beside the others', with what else is known of it. */
export function given(court) {
  const { t, case: one, data } = court;
  const rows = one.answers.map((answer, at) => {
    const facts = [
      answer.seconds === null ? "" : t("decide.seconds", { seconds: Math.round(answer.seconds) }),
      answer.saw ? t("decide.saw") : "",
      answer.second === undefined ? "" : t("decide.second", { answer: answer.second }),
      moment(answer.at, data.language),
    ];
    return h(
      "li",
      {},
      h("span", { class: "who", dir: "auto" }, court.called(at)),
      h("b", { dir: "auto", lang: data.content_language }, answer.skipped ? t("skipped") : answer.words),
      h("small", {}, facts.filter(Boolean).join(" · ")),
      answer.note ? h("p", { class: "word", dir: "auto" }, answer.note) : null,
    );
  });
  return rows.length ? [h("ul", { class: "given" }, ...rows)] : [];
}

/** The model's votes, why the item was sent where it was, and what weighing everything comes to. */
export function machine(court) {
  const { t, case: one } = court;
  const { model, consensus } = one;
  const lines = [];
  if (model.asked) {
    const votes = model.votes.map(([words, count]) => `${words} ${count}`).join(", ");
    lines.push(votes ? t("decide.votes_all", { votes, asked: model.asked }) : t("decide.no_votes", { asked: model.asked }));
  }
  if (model.reason) lines.push(t("decide.reason", { reason: model.reason }));
  if (consensus) {
    const share = consensus.probability === null ? "" : Math.round(100 * consensus.probability);
    lines.push(t(share === "" ? "decide.consensus" : "decide.consensus_sure", { answer: consensus.words, share }));
  }
  return lines.map((words) => h("p", { dir: "auto" }, words));
}

export function flags(court) {
  return court.case.flags.map((one, at) => h("p", { class: "word", dir: "auto" }, `${court.names ? one.name : court.t("decide.somebody", { number: at + 1 })}: ${one.comment}`));
}

/** Everything decided before, the newest first. */
export function earlier(court) {
  const { t, case: one, data } = court;
  const rows = [...one.earlier].reverse().map((word) => {
    const to = word.kind === "sent_back" ? (word.to ? t("decide.went_to", { who: nameOf(court, word.to) }) : t("decide.went_on")) : "";
    const facts = [t(`decide.kind.${word.kind}`), to, word.name, moment(word.at, data.language), word.stands ? t("decide.stands") : ""];
    return h("li", {}, word.words ? h("b", { dir: "auto" }, word.words) : null, h("small", {}, facts.filter(Boolean).join(" · ")), word.comment ? h("p", { class: "word", dir: "auto" }, word.comment) : null);
  });
  return rows.length ? [h("ul", { class: "given" }, ...rows)] : [];
}

function nameOf(court, name) {
  const at = court.case.answers.findIndex((answer) => answer.name === name);
  return at < 0 ? "" : court.called(at);
}
