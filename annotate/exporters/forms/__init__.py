"""How records become bytes: one file for each form. `FORMS` knows them by name."""

from annotate.exporters.forms.protocol import FORMS, Filed, Form, Sheet, Writer

FORMS.load(__name__)

__all__ = ["FORMS", "Filed", "Form", "Sheet", "Writer"]
