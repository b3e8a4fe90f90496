"""The section on what to expect: texts agree with the numbers, views have their bars, shared mode keeps secrets."""

from __future__ import annotations

from typing import Any

import pytest

import detente
from detente.base.errors import UsageError
from detente.base.wording import likelihood, percent
from detente.brief.document import Section, make_brief
from detente.brief.reading import Reading
from detente.brief.sections import forecast as section_on_forecasts
from tests.test_forecast_pictures import RIVALS

TYPED: dict[str, Any] = {
    **RIVALS,
    "preferences": {
        **RIVALS["preferences"],
        "a": {
            "types": {
                "dove": {"prior": "0.3..0.7", "utility": {"arms": {"cut": 3}, "aid": {"some": 2}}},
                "hawk": {"prior": "rest", "utility": {"arms": {"cut": -3}, "aid": {"some": 2}}},
            }
        },
    },
}


def told(tree: dict[str, Any], **how: Any) -> tuple[Section, str, detente.Session]:
    session = detente.Session(detente.Case.from_dict(tree))
    found = section_on_forecasts.section(Reading.of(session, **how))
    assert found is not None
    return found, "\n".join([*found.summary, *(t for b in found.blocks for t in b.texts())]), session


def test_texts_agree_with_the_numbers() -> None:
    section, text, session = told(RIVALS)
    found = session.ask("forecast")  # as the verb asks: the same numbers
    p = float(found.answer.p[found.focus, found.likeliest])
    assert f"{found.names[found.likeliest]}’, with a chance of {percent(p)} ({likelihood(p)})" in section.summary[0]
    table = next(b.table for b in section.blocks if b.table is not None)
    for n, row in enumerate(table.rows):
        chances = [percent(float(found.answer.p[r, n])) for r in range(2)]
        assert row[:4] == (found.names[n], *chances, likelihood(float(found.answer.p[found.focus, n])))
    assert "a quarter" in text
    assert "No track record" in text


def test_each_view_has_its_bar() -> None:
    views = {
        "doubter": {"by": "D. Oubter", "preferences": {"b": {"utility": {"arms": {"cut": 0}, "aid": {"some": -3}}}}}
    }
    section, _, _ = told({**RIVALS, "views": views})
    bars = next(b.picture for b in section.blocks if b.picture is not None)
    assert "As read by D. Oubter" in bars


def test_shared_says_nothing_of_types_and_of_what_drives_it() -> None:
    _, open_text, _ = told(TYPED)
    assert "dove" in open_text
    section, text, _ = told(TYPED, shared=True)
    everything = text + "".join(b.picture or "" for b in section.blocks)
    assert "dove" not in everything
    assert "hawk" not in everything
    assert "is worth to" not in everything


def test_no_section_without_a_forecast() -> None:
    tree = {k: v for k, v in RIVALS.items() if k != "forecast"}
    assert section_on_forecasts.section(Reading.of(detente.Session(detente.Case.from_dict(tree)))) is None


def test_a_chance_far_from_its_base_rate_comes_with_a_warning_and_no_jargon() -> None:
    """With no use in moving and sharp choice, today's state goes on, whatever happened before."""
    preferences = {"a": {"utility": {"arms": {"cut": -3}}}, "b": {"utility": {"aid": {"some": -3}}}}
    block = {**RIVALS["forecast"], "base_rates": {"nothing": {"value": 0.1, "note": "a tenth"}}}
    _, text, _ = told({**RIVALS, "preferences": preferences, "forecast": block})
    assert "far above the base rate of 10 %" in text
    near = {**block, "base_rates": {"nothing": {"value": 0.9, "note": "nine in ten"}}}
    _, other, _ = told({**RIVALS, "preferences": preferences, "forecast": near})
    assert "far above" not in other
    assert "nash" not in text
    assert "no party alone would leave it" in text


def test_an_answer_of_another_process_is_that_of_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Views too; what cannot be answered there is said here; each is worked out once."""
    monkeypatch.setattr(section_on_forecasts, "LARGE", 1)
    views = {
        "doubter": {"by": "D. Oubter", "preferences": {"b": {"utility": {"arms": {"cut": 0}, "aid": {"some": -3}}}}}
    }
    tree = {**RIVALS, "views": views}
    plain = make_brief(detente.Session(detente.Case.from_dict(tree)))
    session = detente.Session(detente.Case.from_dict(tree))
    session.aside = True
    handed: list[bool] = []
    brought = session._brought

    def watched(key: object) -> object:
        found = brought(key)
        handed.append(found is not None)
        return found

    monkeypatch.setattr(session, "_brought", watched)
    assert make_brief(session).to_html() == plain.to_html()
    assert sum(handed) == 2
    assert not session._away
    impossible: dict[str, Any] = {"question": "forecast", "view": None, "types": None, "changes": None, "draws": 0}
    session.meanwhile([impossible])
    with pytest.raises(UsageError):
        session.ask(**impossible)
