"""The published cases: what detente answers is what the literature, or a calculation by hand, says."""

import pytest

import detente
from tests.literal.answers import differences, document_of, status_quo_document
from tests.literal.definitions import CONCEPTS, Model
from tests.literal.expected import EXPECTED, mismatches
from tests.literal.published import CATALOG, PUBLISHED, american_revolution


def answers(case: detente.Case) -> tuple[dict[str, object], dict[str, object]]:
    session = detente.Session(case)
    return session.ask("stability", concepts=CONCEPTS).to_dict(), session.ask("status_quo").to_dict()


@pytest.mark.parametrize("name", sorted(CATALOG))
def test_catalog_cases(name: str) -> None:
    stability, status_quo = answers(detente.load(name))
    assert mismatches(EXPECTED[name], stability, status_quo) == []


@pytest.mark.parametrize("name", sorted(CATALOG))
def test_catalog_cases_are_the_published_ones(name: str) -> None:
    """Parties, options, states, ranks and every verdict, also those that no table gives."""
    model = Model(CATALOG[name])
    stability, status_quo = answers(detente.load(name))
    assert differences(document_of(model), stability) == []
    assert differences(status_quo_document(model), status_quo) == []


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_cases_built_in_code(name: str) -> None:
    stability, status_quo = answers(detente.Case.from_dict(PUBLISHED[name]))
    assert mismatches(EXPECTED[name], stability, status_quo) == []


def test_american_revolution_has_52_feasible_states() -> None:
    stability, _ = answers(detente.Case.from_dict(american_revolution()))
    states = stability["states"]
    assert isinstance(states, list | tuple)
    assert len(states) == 52
