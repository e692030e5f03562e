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

TEMPLATES = {
    "single_label": _HEAD + _SINGLE_LABEL + _TAIL,
    "preference": _HEAD + _PREFERENCE + _TAIL,
}
