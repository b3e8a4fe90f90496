"""The oracle's answer to a case as one document in the words of the product, and the differences between two."""

from typing import Any

from tests.literal.definitions import CONCEPTS, RIGHT, Model, Reading, equilibria
from tests.literal.states import CaseDict, Space, State, text_of

Document = dict[str, Any]


def stability_document(case: CaseDict, reading: Reading = RIGHT) -> Document:
    """What ``stability`` has to answer."""
    return document_of(Model(case), reading)


def document_of(model: Model, reading: Reading = RIGHT) -> Document:
    """What ``stability`` has to answer about a model."""
    space = model.space
    table = model.table(reading)
    return {
        "parties": space.parties,
        "options": [{"id": option.id, "party": option.party, "levels": option.levels} for option in space.options],
        "states": [_state(model, state) for state in space.states],
        "status_quo": space.status_quo,
        "concepts": list(CONCEPTS),
        "stable": table,
        "equilibria": equilibria(table, space.ids),
    }


def status_quo_document(model: Model) -> Document:
    """What ``status_quo`` has to answer; a case without a status quo reaches nothing."""
    today = model.space.status_quo
    if today is None:
        return {"status_quo": None}
    return {
        "status_quo": today,
        "improvements": model.lengths(today, model.space.parties, improving=True),
        "moves": model.lengths(today, model.space.parties, improving=False),
        "all_prefer": model.all_prefer(today),
    }


def _state(model: Model, state: State) -> Document:
    return {
        "id": state.id,
        "key": state.key,
        "levels": _levels(model.space, state),
        "members": [text_of(member) for member in state.members] if len(state.members) > 1 else None,
        "rank": {party: model.ranks[party][state.id] for party in model.with_preferences},
    }


def _levels(space: Space, state: State) -> dict[str, str | None]:
    """The level of each option, null where the members differ."""
    levels: dict[str, str | None] = {}
    for place, option in enumerate(space.options):
        found = {member[place] for member in state.members}
        levels[option.id] = option.levels[found.pop()] if len(found) == 1 else None
    return levels


def differences(expected: Any, found: Any, path: str = "") -> list[str]:
    """Say where a document differs from what is expected of it; it may hold more than that, but lists hold the same.

    The comparison of the equality test: an implementation is wrong if this list is not empty.
    """
    if isinstance(expected, dict):
        if not isinstance(found, dict):
            return [f"{path}: {found!r} instead of a mapping"]
        missing = [f"{path}.{key}: missing" for key in expected if key not in found]
        present = [key for key in expected if key in found]
        return missing + [line for key in present for line in differences(expected[key], found[key], f"{path}.{key}")]
    if isinstance(expected, list) and any(isinstance(item, dict) for item in expected):
        if not isinstance(found, list | tuple) or len(found) != len(expected):
            return [f"{path}: {found!r} instead of {len(expected)} entries"]
        pairs = enumerate(zip(expected, found, strict=True))
        return [line for place, (one, other) in pairs for line in differences(one, other, f"{path}[{place}]")]
    same = list(found) == expected if isinstance(found, tuple) and isinstance(expected, list) else found == expected
    return [] if same else [f"{path}: {found!r} instead of {expected!r}"]


def verdict_differences(expected: Document, found: Document) -> list[str]:
    """Where the verdicts alone differ: stable states and equilibria."""
    return [line for part in ("stable", "equilibria") for line in differences(expected[part], found[part], part)]
