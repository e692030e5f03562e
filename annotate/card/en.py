"""The card's words in English: key -> text with {named} places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "none": "none",
    "undefined": "not defined: {reason}",
    "of_items": "{measure}, of {items:item|items}",
    # task
    "task": "Task",
    "task_items": "{items:item|items}, each with the fields {fields}.",
    "task_items_one_field": "{items:item|items}, each with the field {fields}.",
    "task_language": "The task, its guideline and the prompts around the texts are in {language}.",
    "language_en": "English",
    "language_zh": "Chinese",
    "asked": "**`{name}`** (`{type}`): {text}",
    "asked_after": "Asked only where the answer to `{question}` is one of: {answers}.",
    "asked_prompt": "The responses are to the prompt in `{field}`.",
    "asked_field": "Marked in the field `{field}`.",
    "asked_draft": "It is a draft in `{field}` that is accepted, corrected or rejected.",
    "asked_draft_of_model": "It is a draft of the model's that is accepted, corrected or rejected.",
    "asked_scale": "Whole numbers from {low} to {high}.",
    "asked_strength": "How much better it is, is told in {levels:level|levels}.",
    "scale_end": "{number} ({meaning})",
    "aspect": "Aspect",
    "response": "Response",
    "label": "Label",
    "meaning": "What it covers",
    # labels
    "labels": "Labels",
    "labels_of": "{labels} of {items:item|items} {labels:=has|have} a label for `{question}`.",
    "from": "Whose label it is",
    "count": "Labels",
    "share": "Share",
    "source_adjudicated": "decided by a lead",
    "source_person": "people's answers",
    "source_model": "the model's, accepted by the routing",
    "source_learned": "learned from people's answers in like cases",
    "left_out": "Without a label",
    "items": "Items",
    "distribution": "Distribution of `{question}`",
    # people
    "people": "Who labelled",
    "people_count": "People who answered: {people}. Answers that count: {answers}, given between "
    "{first} and {last} (UTC).",
    "people_count_one_day": "People who answered: {people}. Answers that count: {answers}, all on "
    "{first} (UTC).",
    "people_nobody": "Nobody has answered yet.",
    "people_mode_blind": "People answered without the model's answer in sight.",
    "people_mode_reveal": "People saw the model's answer after they had given their own, which is "
    "the one that counts.",
    "people_mode_suggest": "People saw the model's answer as a suggestion before they gave theirs.",
    "people_arm": "For {share} of the items, drawn by chance, the mode was `{mode}`, to measure "
    "what it does to the answers.",
    "people_assisted": "{assisted} of {answers:answer|answers} ({share}) {assisted:=was|were} "
    "given with the model's answer in sight.",
    "people_imported": "{imported} of {answers:answer|answers} {imported:=was|were} given in "
    "another annotation tool: whether a model's answer was in sight there is not known.",
    "people_training": "Everybody first answered {items:item|items} with a known answer; {pass_} "
    "right opened the real work.",
    "answers_per_item": "Answers to an item of {questions}",
    "person": "Person",
    "answers": "Answers",
    "combined_consensus": "Where answers differ, the label is the consensus by the method "
    "`{method}`, unless a lead has decided.",
    "combined_people": "Where several people answered, the most frequent answer is the label; a "
    "tie is no label until a lead decides.",
    # agreement
    "agreement": "Agreement",
    "agreement_intro": "With 95 % intervals, of answers given without the model's in sight unless "
    "it says otherwise.",
    "agreement_imported": "Answers from another tool count between people, although nobody knows "
    "what was in sight there.",
    "agreement_share": "Computed from {share} of the answers to `{question}`, those to items drawn "
    "by chance.",
    "between": "Between",
    "between_people": "people with each other",
    "between_model": "people and the model",
    "between_assisted": "people who saw the model's answer, and the model",
    "measure": "Measure",
    "value": "Value",
    "right": "right",
    "right_audit": "the model's labels that people checked at random",
    "right_model": "the model, where the answer is known",
    "right_people": "people, where the answer is known",
    # model
    "model": "Model and prompts",
    "model_none": "No model has answered.",
    "model_name": "Model",
    "model_prompt": "Prompt version",
    "model_calls": "Calls",
    "model_usable": "Usable answers",
    "model_when": "From, to (UTC)",
    "model_failed": "Calls without a usable answer: {outcomes}. They never become labels.",
    "outcome_abstained": "abstained",
    "outcome_invalid": "not in the form asked for",
    "outcome_refused": "refused",
    "outcome_truncated": "cut off",
    "outcome_error": "failed",
    # routing
    "routing": "Who got which items",
    "routing_none": "The items were not routed.",
    "routing_people": "No model answers {questions}: all items go to people.",
    "routing_policy": "`{question}` was routed by the policy `{policy}`; the model's uncertainty "
    "is measured by the signal `{signal}`.",
    "routing_audit": "Of the items that the model would keep, each was drawn with a chance of "
    "{share} for people to check.",
    "sent": "Where items went",
    "sent_auto": "the model's label stands",
    "sent_annotate": "people answer",
    "sent_audit": "people check at random",
    "sent_strong": "a stronger model answers next",
    # bound
    "bound": "Error bound",
    "bound_of": "{questions}: {statement}.",
    "bound_none": "no promise is made about how many of these labels are wrong",
    "bound_none_of_all": "For none of the questions is a promise made about how many of these "
    "labels are wrong.",
    "bound_supports": "What it supports: over all {size:item|items} of the promise, counted "
    "together, with the stated confidence over the random draw of the audit, a label being right "
    "when it is what the people who audited would say. It does not speak of a single label, of "
    "one class alone, of other texts, nor of whether the guideline asks the right thing.",
    "bound_several": "This is promise {made} on this question: the chance that any of them fails "
    "is at most {fails}.",
    # guideline
    "guideline": "Guideline",
    "guideline_version": "Version {version} of the project file, in force since {day} (sha "
    "`{hash}`).",
    "guideline_earlier": "{earlier} of {answers:answer|answers} to `{question}` "
    "{earlier:=was|were} given under an earlier version.",
    "guideline_empty": "No guideline was written.",
    # splits
    "splits": "Splits",
    "split_name": "Split",
    "split_how": "Items that belong together stay together: {groups:group|groups}, each placed "
    "by a hash of its key (seed `{seed}`), so that a group stays where it is when data are added.",
    "split_by": "Kept together: items of the same {by}.",
    "split_near": "Kept together: texts whose word shingles have a Jaccard similarity of at least "
    "{similarity}.",
    "split_moved": "Put into `{first}`, so that nothing is tested on them: {count:item|items} "
    "({why}).",
    # limits
    "limits": "Known limits",
    "limit_unlabelled": "{questions}: {count} of {items:item|items} {count:=has|have} no label; "
    "what is left is not a random part of them.",
    "limit_none": "{questions}: no item has a label yet.",
    "limit_model": "{questions}: {count} of {labels:label|labels} ({share}) {count:=is|are} the "
    "model's alone; nobody has looked at these items.",
    "limit_single": "{questions}: {count} of {labels:label|labels} ({share}) {count:=rests|rest} "
    "on one person's answer.",
    "limit_bound": "{questions}: no bound on the share of wrong labels is in force.",
    "limit_assisted": "{questions}: {share} of the answers were given with the model's in sight; "
    "people tend to agree with what they are shown.",
    "limit_low": "{questions}: people agree with each other at alpha {value}. Below .667 even "
    "tentative conclusions are doubtful (Krippendorff, 2004).",
    "limit_unmeasured": "{questions}: how far people agree is not known.",
    "limit_selected": "{questions}: people got the items that the model was unsure of first, so "
    "what is measured on people's items is not what holds for all.",
    "limit_rare": "{questions}: fewer than {few} labels each of {labels}.",
    "limit_alone": "All answers to {questions} are one person's: they carry that person's habits.",
    "limit_unknown": "Where the texts come from, under which licence, whether they hold personal "
    "data, and who the people are and how they were paid is not known to the program that wrote "
    "this card. Texts are as they were imported: nothing was removed. Add what you know.",
}
