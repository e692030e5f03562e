"""What a project file says of several answers to one item: how they become one."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from annotate.project.section import Section


class ConsensusSettings(Section):
    """Which answer is stood by where several people and a model have spoken."""

    method: Literal["joint", "dawid_skene", "majority"] = Field(
        default="joint",
        description="joint: people by their own record and the model as what is believed before; "
        "dawid_skene: people by their own record; majority: every person the same.",
    )
    human_final: bool = Field(
        default=False,
        description="A person's answer stands, whatever the model says, unless two people differ.",
    )
