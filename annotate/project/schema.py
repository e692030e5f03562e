"""JSON Schema of project files, for completion and checks in editors."""

from __future__ import annotations

from typing import Any

from annotate.project.settings import Project


def json_schema() -> dict[str, Any]:
    """Draft 2020-12, made from the same models that check the file."""
    schema = Project.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
