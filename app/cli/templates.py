"""First project files, to be changed by hand."""

SCHEMA_FILE = "task.schema.json"

_HEAD = f"""\
# yaml-language-server: $schema={SCHEMA_FILE}
# `coannotate check` names every mistake in this file.
project: my-task                  # short id
title: My task                    # what people see
language: en                      # of the prompts around your texts: en or zh
guideline: |
  Say here, in Markdown, how to decide. People and the model read the same text.
"""

_TAIL = """\
llm:
  provider: local                 # needs no key; for any OpenAI-compatible server:
  # provider: openai
  # base_url: http://localhost:8000/v1
  # model: my-model
  # api_key_env: OPENAI_API_KEY   # the NAME of the variable, never the key itself
routing:
  policy: budget                  # or threshold, random
  budget: 0.3                     # share of all items that people get
  audit: 0.05                     # share of the rest that people check at random
people:
  per_item: 1                     # people who answer each item
"""

_SINGLE_LABEL = """\
fields: [text]                    # what of each item is shown and sent
import:
  # id: ticket_id                 # column with your own ids
  columns: {text: text}           # field: column
questions:
  - name: topic
    type: single_label
    text: What is this text mainly about?
    labels:
      - name: positive
        description: Praise, thanks, things that work well.
      - name: negative
        description: Complaints, faults, things that do not work.
"""

_PREFERENCE = """\
fields: [prompt, response_a, response_b]
import:
  columns: {prompt: prompt, response_a: response_a, response_b: response_b}
questions:
  - name: better
    type: preference
    text: Which response is better?
    prompt: prompt
    responses: [response_a, response_b]
    tie: true
"""

_ONE_TEXT = """\
fields: [text]                    # what of each item is shown
import:
  # id: ticket_id                 # column with your own ids
  columns: {text: text}           # field: column
questions:
"""

_MULTI_LABEL = (
    _ONE_TEXT
    + """\
  - name: topics
    type: multi_label
    text: Which topics does this text touch?
    min: 0                        # 0 lets "none of them" be said
    # max: 2
    labels:
      - name: price
        description: What it costs.
        key: p                    # chooses it on the keyboard; digits always choose by place
      - name: quality
        description: How good it is.
"""
)

_RATING = (
    _ONE_TEXT
    + """\
  - name: quality
    type: rating
    text: How good is this text?
    scale: {min: 1, max: 5, ends: [poor, excellent]}
    aspects:                      # left out, there is one rating
      - {name: clear, text: Easy to understand}
      - {name: correct, text: Free of mistakes}
"""
)

_SPANS = (
    _ONE_TEXT
    + """\
  - name: names
    type: spans
    text: Mark every name.
    field: text                   # the field that is marked
    overlap: false
    labels:
      - {name: person, key: p}
      - {name: place, key: l}
"""
)

_TEXT = (
    _ONE_TEXT
    + """\
  - name: corrected
    type: text
    text: Correct the text.
    draft: text                   # the field to start from; left out, people write from nothing
"""
)

_RANKING = """\
fields: [prompt, response_a, response_b, response_c]
import:
  columns: {}                     # field: column, where a column has another name
questions:
  - name: order
    type: ranking
    text: Put the responses in order, the best first.
    prompt: prompt
    responses: [response_a, response_b, response_c]
"""

TEMPLATES = {
    "single_label": _HEAD + _SINGLE_LABEL + _TAIL,
    "multi_label": _HEAD + _MULTI_LABEL + _TAIL,
    "rating": _HEAD + _RATING + _TAIL,
    "preference": _HEAD + _PREFERENCE + _TAIL,
    "ranking": _HEAD + _RANKING + _TAIL,
    "spans": _HEAD + _SPANS + _TAIL,
    "text": _HEAD + _TEXT + _TAIL,
}
