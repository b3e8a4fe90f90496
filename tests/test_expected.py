"""The published cases: what detente answers is what the literature, or a calculation by hand, says."""

import pytest

import detente
from tests.literal.answers import differences, document_of, status_quo_document
from tests.literal.definitions import CONCEPTS, Model
from tests.literal.expected import EXPECTED, mismatches
from tests.literal.published import CATALOG, GISBORNE_COMPLETIONS, GISBORNE_UNKNOWN, PUBLISHED, gisborne, ids


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
    """Without a declaration 8 x 6 of them, since the Crown suppresses only with troops; with one, 4."""
    stability, _ = answers(detente.load("american-revolution"))
    states = stability["states"]
    assert isinstance(states, list | tuple)
    assert len(states) == 52
    assert sum(s["levels"]["declare"] == "yes" for s in states) == 4


@pytest.mark.parametrize("view", sorted(GISBORNE_COMPLETIONS))
def test_both_readings_of_the_province(view: str) -> None:
    stability, status_quo = answers(detente.load("gisborne").view(view))
    assert mismatches(EXPECTED[f"gisborne-{view}"], stability, status_quo) == []
    model = Model(PUBLISHED[f"gisborne-{view}"])
    assert differences(document_of(model), stability) == []
    assert differences(status_quo_document(model), status_quo) == []


def test_no_equilibrium_where_the_order_of_the_province_is_not_known() -> None:
    stability, status_quo = answers(detente.load("gisborne"))
    assert mismatches(EXPECTED["gisborne"], stability, status_quo) == []
    assert stability["equilibria"] == dict.fromkeys(CONCEPTS)
    assert answers(detente.Case.from_dict(gisborne()))[0]["stable"] == stability["stable"]


def test_attitudes_to_what_is_not_known_of_the_province() -> None:
    """The table of the literature: attitudes a to d, all concepts."""
    found = detente.Session(detente.load("gisborne")).ask("unknown").to_dict()
    for attitude, known in GISBORNE_UNKNOWN.items():
        for concept, states in known.items():
            assert found["equilibria"][attitude][concept] == ids(*states), (attitude, concept)
