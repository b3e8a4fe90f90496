"""Seeded mistakes in the engine of agreements are all noticed by the comparison with the literal run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement_random import Drawn, drawn
from tests.agreement_told import Told, differences, literal, told
from tests.literal.agreement_mutants import MUTANTS, Mutant, engine_of

SAMPLE = range(500)


@pytest.fixture(scope="module")
def cases() -> list[tuple[Drawn, Told]]:
    return [(d, literal(d.terms, d.records, d.until)) for d in map(drawn, SAMPLE)]


@pytest.mark.parametrize("mutant", MUTANTS, ids=[m.mistake for m in MUTANTS])
def test_a_mistake_is_noticed(mutant: Mutant, cases: list[tuple[Drawn, Told]], tmp_path: Path) -> None:
    with engine_of(mutant, tmp_path) as engine:
        assert any(noticed(engine.run, d, right) for d, right in cases)


def noticed(run: object, d: Drawn, right: Told) -> bool:
    try:
        return bool(differences(right, told(run(d.terms, d.records, d.until + 1))))  # type: ignore[operator]
    except Exception:  # noqa: BLE001 - a mistake that breaks the run is noticed too
        return True


def test_without_a_mistake_nothing_is_noticed(cases: list[tuple[Drawn, Told]], tmp_path: Path) -> None:
    nothing = Mutant("nothing", "run", "class Run:", "class Run:")
    with engine_of(nothing, tmp_path) as engine:
        assert not any(noticed(engine.run, d, right) for d, right in cases[:100])
