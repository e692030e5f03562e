"""What every question type must keep: a new file beside the others is tested by being there."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from pydantic import ValidationError

from annotate.errors import InvalidValue
from annotate.questions import QUESTION_TYPES, Mistake, QuestionSettings, QuestionType
from annotate.questions.labels import Label
from annotate.questions.preference import Preference, PreferenceSettings
from annotate.questions.single_label import SingleLabel, SingleLabelSettings
from annotate.store.rows import to_json

every_type = pytest.mark.parametrize("name", list(QUESTION_TYPES))


def example(name: str) -> tuple[QuestionType[Any], QuestionSettings, list[Any], list[object]]:
    kind = QUESTION_TYPES[name]
    return (kind, *kind.example())


@every_type
def test_good_values_pass_unchanged(name: str) -> None:
    kind, settings, good, _ = example(name)
    assert good
    for value in good:
        parsed = kind.parse(settings, value)
        assert parsed == value
        assert kind.parse(settings, json.loads(to_json(parsed))) == value


@every_type
def test_bad_values_are_refused_by_name(name: str) -> None:
    kind, settings, _, bad = example(name)
    assert bad
    for value in bad:
        with pytest.raises(InvalidValue) as caught:
            kind.parse(settings, value)
        assert caught.value.type_name == name
        assert str(caught.value).startswith(f"{name}: {repr(value)[:80]}")
        assert f" is {caught.value.rule}" in str(caught.value)


@every_type
def test_classes_are_values(name: str) -> None:
    kind, settings, good, _ = example(name)
    classes = kind.classes(settings)
    if not classes:
        return
    assert set(classes) == set(good)
    assert len(set(classes)) == len(classes) >= 2
    assert [kind.parse(settings, value) for value in classes] == list(classes)


@every_type
def test_distance_is_a_distance(name: str) -> None:
    kind, settings, good, _ = example(name)
    for a, b in itertools.product(good, repeat=2):
        assert 0 <= kind.distance(settings, a, b) <= 1
        assert kind.distance(settings, a, b) == kind.distance(settings, b, a)
        assert (kind.distance(settings, a, b) == 0) == (a == b)


@every_type
def test_control_offers_every_class_in_order(name: str) -> None:
    kind, settings, _, _ = example(name)
    control = kind.control(settings)
    if kind.classes(settings):
        assert tuple(option.value for option in control.options) == kind.classes(settings)
    assert all(option.title for option in control.options)
    assert len(control.responses) <= len(control.options)


@every_type
@pytest.mark.parametrize("language", ["en", "zh"])
def test_options_are_called_differently(name: str, language: str) -> None:
    kind, settings, _, _ = example(name)
    called = [kind.called(option, language) for option in kind.control(settings).options]
    folded = [word.casefold() for words in called for word in set(words)]
    assert all(words and all(words) for words in called)
    assert len(set(folded)) == len(folded)


@every_type
def test_settings_make_a_round_trip_and_refuse_what_they_do_not_know(name: str) -> None:
    kind, settings, _, _ = example(name)
    dumped = settings.model_dump(mode="json")
    assert dumped["type"] == name
    assert kind.settings_model.model_validate(dumped) == settings
    with pytest.raises(ValidationError, match="extra_forbidden"):
        kind.settings_model.model_validate({**dumped, "colour": "red"})
    with pytest.raises(ValidationError, match="frozen"):
        settings.name = "other"


@every_type
def test_every_key_says_what_it_is_for(name: str) -> None:
    for key, field in QUESTION_TYPES[name].settings_model.model_fields.items():
        assert field.description or key == "type"


# ---- single_label


def labels(*names: str) -> SingleLabelSettings:
    return SingleLabelSettings(name="q", text="?", labels=tuple(Label(name=name) for name in names))


@pytest.mark.parametrize(
    ("names", "rule"),
    [
        (("spam", "ham"), None),
        (("spam", "not spam"), None),
        (("C", "C++", "N/A", "Yes (partly)", "Yes"), None),
        (("spam", "spam"), "labels 'spam' and 'spam' are one name but for letter case"),
        (("Spam", "ham", "spam"), "labels 'Spam' and 'spam' are one name but for letter case"),
        (("STRASSE", "straße"), "labels 'STRASSE' and 'straße' are one name but for letter case"),
        (("spam", "spam."), "labels 'spam' and 'spam.' differ only in quotes or a full stop"),
        (("(ham)", "‘Ham’"), "labels '(ham)' and '‘Ham’' differ only in quotes or a full stop"),
        (("好", "“好”"), "labels '好' and '“好”' differ only in quotes or a full stop"),
    ],
)  # fmt: skip
def test_labels_that_a_reply_cannot_tell_apart(names: tuple[str, ...], rule: str | None) -> None:
    found = SingleLabel().check(labels(*names), ["text"])
    remedy = "A reply could mean either: rename or remove one."
    assert found == ([] if rule is None else [Mistake(rule, remedy)])


@pytest.mark.parametrize("name", ["", " ", " spam", "spam ", "spam\nham", "x" * 101])
def test_names_that_are_no_labels(name: str) -> None:
    with pytest.raises(ValidationError):
        Label(name=name)


def test_a_label_is_exactly_its_name() -> None:
    kind = SingleLabel()
    for value in ("spam ", "SPAM", "spam.", b"spam", 1, True, {"name": "spam"}):
        with pytest.raises(InvalidValue, match="not one of spam, 1, True"):
            kind.parse(labels("spam", "1", "True"), value)
    settings = labels("a", "b")
    assert [kind.distance(settings, "a", other) for other in "ab"] == [0.0, 1.0]


# ---- preference


def comparing(*responses: str, prompt: str = "prompt", tie: bool = True) -> PreferenceSettings:
    return PreferenceSettings(name="q", text="?", prompt=prompt, responses=responses, tie=tie)


def test_values_are_letters_in_the_order_of_the_responses() -> None:
    settings, kind = comparing("x", "y", "z"), Preference()
    assert kind.classes(settings) == ("a", "b", "c", "tie")
    assert kind.classes(comparing("x", "y", tie=False)) == ("a", "b")
    assert [settings.field_of(value) for value in "abc"] == ["x", "y", "z"]
    assert kind.control(settings).responses == ("x", "y", "z")
    with pytest.raises(ValueError, match="substring not found"):
        settings.field_of("tie")
    with pytest.raises(InvalidValue, match=r"not one of a, b$"):
        kind.parse(comparing("x", "y", tie=False), "tie")


def test_a_tie_is_half_way() -> None:
    kind, settings = Preference(), comparing("x", "y")
    assert kind.distance(settings, "a", "b") == 1.0
    assert kind.distance(settings, "a", "tie") == kind.distance(settings, "tie", "b") == 0.5


@pytest.mark.parametrize(
    ("settings", "rules"),
    [
        (comparing("x", "y"), []),
        (comparing("x", "x"), ["names a field twice"]),
        (comparing("x", "prompt"), ["is one of `responses`"]),
        (comparing("x", "w"), ["'w' is not in `fields`"]),
        (comparing("x", "y", prompt="q"), ["'q' is not in `fields`"]),
    ],
)
def test_fields_of_a_preference(settings: PreferenceSettings, rules: list[str]) -> None:
    found = Preference().check(settings, ["prompt", "x", "y"])
    assert [mistake.rule for mistake in found] == rules


@pytest.mark.parametrize("count", [1, 27])
def test_two_to_26_responses(count: int) -> None:
    with pytest.raises(ValidationError):
        comparing(*(f"r{n}" for n in range(count)))


def test_26_responses() -> None:
    settings = comparing(*(f"r{n}" for n in range(26)))
    assert Preference().classes(settings)[-2:] == ("z", "tie")
    assert settings.field_of("z") == "r25"
