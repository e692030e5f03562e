"""Everything about a call to a chat model before it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from annotate.chats import read_fields
from annotate.llm.asking import Ready
from annotate.llm.prelabeller import Work, call_identity
from annotate.llm.prompts import Asked, Example, ask, template_versions
from annotate.llm.providers.protocol import Form
from annotate.llm.replies import ABSTAIN
from annotate.llm.structured import Abilities
from annotate.llm.variants import Variant
from annotate.model import Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings


@dataclass(frozen=True, slots=True)
class Calls:
    """Makes the calls about one question to one model. abilities: those that the project wants."""

    project: Project
    question: QuestionSettings
    model: str
    abilities: Abilities

    def prepare(
        self,
        work: Work,
        variant: Variant,
        sample: int,
        *,
        examples: Sequence[Example],
        first_answer: Value,
    ) -> Ready:
        """The call for one variant and sample, with the answer that another round has to it.

        first_answer: what a challenge leads against.
        """
        structured = self.abilities.bind(variant.way)
        asked = ask(
            self.project,
            self.question,
            work.item,
            variant,
            examples=examples,
            first_answer=first_answer,
            structured=structured,
        )
        confidence = self.project.llm.confidence
        form = self.abilities.form(asked, structured=structured, confidence=confidence)
        call = call_identity(
            work.item.id,
            self.question.name,
            variant.name,
            sample,
            model=self.model,
            prompt_hash=asked.prompt.hash,
            parameters=self._parameters(asked, form),
        )
        earlier = work.earlier.get(call)
        if earlier is not None:
            earlier = replace(earlier, variant=variant.name, sample=sample)
        return Ready(work.item.id, variant.name, sample, call, asked, form, earlier)

    def fingerprint(self, variants: Sequence[Variant]) -> Mapping[str, Value]:
        """Everything besides the item and the examples that an answer depends on."""
        llm = self.project.llm
        classes = QUESTION_TYPES[self.question.type].classes(self.question)
        forms = self.abilities.used(variants, len(classes))
        own = {v.name: llm.prompts[v.way.name] for v in variants if v.way.own}
        worded: dict[str, Value] = {"prompts": own} if own else {}
        return {
            **forms,
            **worded,
            "provider": llm.provider,
            "base_url": llm.base_url,
            "model": self.model,
            "parameters": [llm.temperature, llm.top_p, llm.max_tokens, llm.samples],
            "confidence": llm.confidence,
            "few_shot": llm.few_shot,
            "variants": tuple(variant.name for variant in variants),
            "templates": template_versions(
                self.question,
                self.project.language,
                structured="structured" in forms,
                own=bool(own),
            ),
            "guideline": self.project.guideline,
            "fields": read_fields(self.project),
            "question": self.question.asked(),
        }

    def _parameters(self, asked: Asked, form: Form) -> Mapping[str, Value]:
        """All that a call sends besides its prompt, where to, and what its reply can mean: equal
        prompts mean other values once a label has another name."""
        llm = self.project.llm
        return {
            "base_url": llm.base_url,
            "temperature": llm.temperature,
            "top_p": llm.top_p,
            "max_tokens": llm.max_tokens,
            "schema": form.schema,
            "top_logprobs": form.top_logprobs,
            "words": {w: v for w, v in asked.words.items() if v is not ABSTAIN},
        } | ({} if asked.spoken is None else {"question": self.question.asked()})
