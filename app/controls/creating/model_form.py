"""Who pre-labels a new project, as a form. It asks for the name of a variable, never for a key."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pydantic import ValidationError

from annotate.llm.servers.transport import OPENAI
from annotate.model import Person
from annotate.project.secret import looks_secret
from annotate.project.settings import LLMSettings
from annotate.store import Store
from annotate.workflow.prelabels.connecting import connect, keep, summary
from app import look
from app.controls.jobs import STATISTICAL
from app.services import Services

LOCAL, SERVER = "On this machine, at once", "A model server (OpenAI-compatible)"


def model(services: Services, store: Store, actor: Person) -> dict[str, Any]:
    """The `llm` of the project file, as far as it is filled in."""
    who = st.segmented_control(
        "Who answers first", (LOCAL, SERVER), default=LOCAL, required=True, key="setup-model"
    )
    if who == LOCAL:
        look.show(look.text("hint", STATISTICAL))
        return {"provider": "local"}
    left, middle, right = st.columns([2, 2, 2])
    url = left.text_input("Address, up to /v1", key="setup-url", placeholder=OPENAI)
    name = middle.text_input("Model", key="setup-model-name", placeholder="its name there")
    variable = right.text_input(
        "Environment variable with the key",
        key="setup-key-env",
        placeholder="OPENAI_API_KEY, or empty for a server without",
        help="The variable's name, never the key: set it where `coannotate serve` is started.",
    )
    said = {
        "provider": "openai",
        **{
            key: str(value).strip()
            for key, value in (("base_url", url), ("model", name), ("api_key_env", variable))
            if str(value).strip()
        },
    }
    said |= _money(services)
    _key_hint(services, said)
    if st.button("Try the server", help="About 15 tiny requests; what it can do is remembered."):
        _try(services, store, said, actor)
    return said


def _money(services: Services) -> dict[str, Any]:
    columns = st.columns(4)
    price_in = columns[0].number_input("$ per million tokens in", 0.0, value=None, key="setup-in")
    price_out = columns[1].number_input("$ per million out", 0.0, value=None, key="setup-out")
    longest = columns[2].number_input("Longest answer, tokens", 1, value=200, key="setup-longest")
    cap = columns[3].number_input(
        "Stop before it costs more, $", 0.0, value=None, key="setup-cap", help="Needs the prices."
    )
    said: dict[str, Any] = {"max_tokens": int(longest)}
    if price_in is not None and price_out is not None:
        day = services.now().date().isoformat()
        said["price"] = {"usd_per_m_in": price_in, "usd_per_m_out": price_out, "as_of": day}
    if cap:
        said["max_cost_usd"] = cap
    return said


def _key_hint(services: Services, said: dict[str, Any]) -> None:
    variable = said.get("api_key_env", "" if "base_url" in said else "OPENAI_API_KEY")
    if looks_secret(variable) and not variable.isupper():
        st.error(
            "That looks like the key itself. Take it out: a key never goes into a project file. "
            "Put it in an environment variable and name that here."
        )
    elif variable and services.config.key(variable) is None:
        st.warning(
            look.message(
                f"The server of this page was started without `{variable}`: set it and start "
                "again before you pre-label. Everything else can be done now."
            )
        )


def _try(services: Services, store: Store, said: dict[str, Any], actor: Person) -> None:
    try:
        llm = LLMSettings.model_validate(said)
    except ValidationError:
        st.error("Fill in the model and its address first.")
        return
    with look.told(), st.spinner("Asking the server…"):
        found = connect(llm, services.key(llm), actor=actor)
        keep(store, found, now=services.now())
        st.success(look.message(summary(llm, found)))
