"""Random cases in which some comparisons are unknown, consistent by construction."""

import random
from collections.abc import Iterator
from typing import Any

from tests.literal.generate import _Writer, random_case
from tests.literal.states import CaseDict, Space
from tests.literal.unknown import Compared


def random_unknown_cases(rng: random.Random, count: int = 4, most: int = 14) -> Iterator[CaseDict]:
    """Return so many variants of one random case of at most so many states, each with an unknown comparison.

    The variants have the same parties, options and rules and differ in what is known.
    """
    while True:
        base = _cube(rng) if rng.random() < 0.1 else random_case(rng)
        space = Space(base)
        if len(space.states) <= most:
            break
    while count:
        case = _with_unknown(rng, base, space)
        if case is not None:
            count -= 1
            yield case


def _cube(rng: random.Random) -> CaseDict:
    """Three parties with an option each, free to go in circles; what the first prefers to one state is known."""
    parties = ("p1", "p2", "p3")
    case: CaseDict = {
        "detente": 1,
        "name": "random-case",
        "parties": {party: {"name": party} for party in parties},
        "options": {f"o{number}": {"party": party} for number, party in enumerate(parties, start=1)},
    }
    space = Space(case)
    writer = _Writer(rng, case, space, positional=True)
    worst = rng.choice(space.ids)
    target = rng.choice(sorted(space.moves["p1"][worst]))
    star = [[better, worst] for better in space.ids if better not in (worst, target)]
    return {**case, "preferences": {"p1": {"partial": star}, "p2": writer.preference(), "p3": writer.preference()}}


def _with_unknown(rng: random.Random, base: CaseDict, space: Space) -> CaseDict | None:
    writer = _Writer(rng, base, space, positional=False)
    preferences = dict(base["preferences"])
    found = False
    for party in base["parties"]:
        written = preferences.get(party)
        if rng.random() < 0.4 or written is None or "partial" in written:
            found = found or (written is not None and "partial" in written)
            continue
        tried = _partial(rng, space, writer) if rng.random() < 0.5 else _cut(rng, space, base, written, writer)
        compared = Compared(space, tried, base.get("numbers", {}))
        if compared.consistent():
            preferences[party] = tried
            found = found or bool(compared.unknown)
    return {**base, "preferences": preferences} if found else None


def _partial(rng: random.Random, space: Space, writer: _Writer) -> dict[str, Any]:
    """Comparisons of states along a hidden order, or of what holds with what does not."""
    pairs: list[list[str]] = []
    if rng.random() < 0.7:
        order = rng.sample(space.ids, len(space.ids))
        often = rng.choice((0.1, 0.3, 0.6))
        for n, better in enumerate(order):
            pairs += [[better, worse] for worse in order[n + 1 : n + 4] if rng.random() < often]
    for statement in writer.statements(2) if not pairs or rng.random() < 0.3 else []:
        pairs.append([statement, f"not ({statement})"])
    return {"partial": pairs}


def _cut(rng: random.Random, space: Space, case: CaseDict, written: dict[str, Any], writer: _Writer) -> dict[str, Any]:
    """An order with comparisons cut: between parts of an interval of it, or between what holds and what does not."""
    kind = rng.random()
    if kind < 0.35:
        pairs = [[s, f"not ({s})"] for s in writer.statements(rng.choice((1, 1, 2)))]
        return {**written, "unknown": pairs}
    if kind < 0.5:
        one, other = (writer.statements(2) * 2)[:2]
        pair = [one, other] if not space.matching(one) & space.matching(other) else [one, f"not ({one})"]
        return {**written, "unknown": [pair]}
    compared = Compared(space, written, case.get("numbers", {}))
    order = sorted(space.ids, key=lambda x: sum((x, y) in compared.better for y in space.ids))
    first = rng.randrange(len(order))
    low, high = order[first], order[rng.randrange(first, len(order))]
    inside = [x for x in space.ids if (low, x) not in compared.better and (x, high) not in compared.better]
    parts = {x: rng.randrange(3) for x in inside}
    pairs = [[x, y] for x in parts for y in parts if x < y and parts[x] != parts[y]]
    return {**written, "unknown": rng.sample(pairs, len(pairs))}
