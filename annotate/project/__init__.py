"""A project is one YAML file: guideline, fields, questions, model, routing, people."""

from annotate.project.file import load_project, parse_project
from annotate.project.schema import json_schema
from annotate.project.settings import Project

__all__ = ["Project", "json_schema", "load_project", "parse_project"]
