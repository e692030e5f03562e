"""Why a trainer or a tool would not take a record, or would take it for something else, and what to
do about it. Sentences without a row's own words, so that reports can count them."""

from __future__ import annotations

from collections.abc import Mapping

# conversations
NO_MESSAGES = "there are no messages"
OTHER_KEYS = "a message has other keys than role and content, which loaders drop in silence"
OTHER_ROLE = "a message's role is none of system, user, assistant and tool"
TOOL = "a tool's message, but this format has no place for the call that it answers"
NO_TEXT = "a message is empty, or no text"
HALF_CHARACTER = "a text has half of a character, which no file in UTF-8 can hold"
LATE_SYSTEM = "a system message is not the first one"
BEGINS = "the conversation does not begin with a user's message, which many chat templates refuse"
NOT_IN_TURN = "user and assistant do not take turns, which many chat templates refuse"
ENDS_ANSWERED = "the prompt ends with the assistant's message, so that nothing is asked"
ENDS_UNANSWERED = "the conversation does not end with the assistant's message"
SEVERAL_TURNS = "the prompt is a conversation, and Alpaca has one instruction"

# what is learned of them
SAME = "the better and the worse answer are the same text"
NO_MARGIN = "nothing measures by how much the one answer is better"
NO_SCORES = "nothing measures how good the two answers are"
NO_VERDICT = "whether the answer is good is neither true nor false"
OTHER_COLUMNS = "it has other columns than this format, and trainers read some of them"

# words and labels of a text
NO_SPANS = "the question does not ask for spans"
NO_WORDS = "the text has no words"
BLANK = "a span covers nothing but blanks"
OVERLAP = "spans overlap, and the format has one label for each word"
NO_LABELS = "the question has no labels for a text"

_PAIRS = "Nothing: preference_trl has these pairs too."

ADVICE: Mapping[str, str] = {
    OTHER_ROLE: "Rename the roles in the data to user and assistant, and import it again.",
    TOOL: "Take sft_messages or preference_trl, or leave the tools' messages out of the data.",
    NO_TEXT: "Complete the item's text and import it again.",
    LATE_SYSTEM: "Put the system message first in the data, and import it again.",
    BEGINS: "Leave the greeting out of the data, or make it part of the system message.",
    NOT_IN_TURN: "Join messages of one speaker that follow each other, and import them again.",
    ENDS_ANSWERED: "Let the conversation end with the user's question, and import it again.",
    SEVERAL_TURNS: "Take sharegpt or sft_messages.",
    NO_MARGIN: _PAIRS,
    NO_SCORES: _PAIRS,
    NO_SPANS: "Choose the question that asks for spans.",
    NO_WORDS: "Nothing: there is nothing to mark.",
    BLANK: "Decide them under Adjudicate: nobody can learn from an empty stretch.",
    OVERLAP: "Take spacy_spans, or set `overlap: false` and let people mark these again.",
    NO_LABELS: "Choose a question with labels; spans go to spacy and spacy_spans.",
}
"""Reason -> one sentence on what to do about it, where the data can give that reason."""
