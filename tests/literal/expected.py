"""What is known about the published cases: one table of stable states, equilibria, rankings and reachable states."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.literal.published import ids

ByParty = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Expected:
    """The known answers to one case, states by their numbers; what is empty or None is not known."""

    case: str
    equilibria: Mapping[str, tuple[int, ...]]
    """Concept -> states stable for every party."""
    stable: Mapping[str, ByParty] = field(default_factory=dict)
    """Concept -> party -> stable states."""
    rankings: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Party -> states from best to worst; none of the published orders has ties."""
    status_quo: int | None = None
    improvements: Mapping[int, int] | None = None
    """State -> length of the shortest legal sequence of improvements from the status quo."""
    moves: Mapping[int, int] | None = None
    """State -> length of the shortest legal sequence of moves from the status quo."""


def _same(*concepts: str, states: Any) -> dict[str, Any]:
    return dict.fromkeys(concepts, states)


def _every(count: int) -> tuple[int, ...]:
    return tuple(range(1, count + 1))


_SANCTIONED = ("gmr", "smr", "seq", "sseq")
_ALL = ("nash", *_SANCTIONED)

_TWO_BY_TWO = (
    Expected(
        case="prisoners-dilemma",
        equilibria={"nash": (4,)} | _same(*_SANCTIONED, states=(1, 4)),
        stable={"nash": {"row": (2, 4), "col": (3, 4)}}
        | _same(*_SANCTIONED, states={"row": (1, 2, 4), "col": (1, 3, 4)}),
        rankings={"row": (2, 1, 4, 3), "col": (3, 1, 4, 2)},
        status_quo=4,
        improvements={},
        moves={1: 2, 2: 1, 3: 1},
    ),
    Expected(
        case="chicken",
        equilibria=_same("nash", "seq", "sseq", states=(2, 3)) | _same("gmr", "smr", states=(1, 2, 3)),
        stable=_same("nash", "seq", "sseq", states={"row": (2, 3), "col": (2, 3)})
        | _same("gmr", "smr", states={"row": (1, 2, 3), "col": (1, 2, 3)}),
        rankings={"row": (2, 1, 3, 4), "col": (3, 1, 2, 4)},
        status_quo=4,
        improvements={2: 1, 3: 1},
        moves={1: 2, 2: 1, 3: 1},
    ),
    Expected(
        case="stag-hunt",
        equilibria=_same(*_ALL, states=(1, 4)),
        stable=_same("nash", "seq", "sseq", states={"row": (1, 4), "col": (1, 4)})
        | _same("gmr", "smr", states={"row": (1, 2, 4), "col": (1, 3, 4)}),
        rankings={"row": (1, 2, 4, 3), "col": (1, 3, 4, 2)},
        status_quo=4,
        improvements={},
        moves={1: 2, 2: 1, 3: 1},
    ),
)

_ELMIRA = Expected(
    case="elmira",
    equilibria=_same("nash", "seq", "sseq", states=(5, 8, 9)) | _same("gmr", "smr", states=(1, 4, 5, 8, 9)),
    stable={
        "nash": {"moe": _every(9), "uniroyal": (1, 4, 5, 8, 9), "lg": (5, 6, 7, 8, 9)},
        **_same("gmr", "smr", states={"moe": _every(9), "uniroyal": (1, 4, 5, 8, 9), "lg": _every(9)}),
        **_same(
            "seq",
            "sseq",
            states={"moe": _every(9), "uniroyal": (1, 4, 5, 8, 9), "lg": (2, 3, 5, 6, 7, 8, 9)},
        ),
    },
    rankings={
        "moe": (7, 3, 4, 8, 5, 1, 2, 6, 9),
        "uniroyal": (1, 4, 8, 5, 9, 3, 7, 2, 6),
        "lg": (7, 3, 5, 1, 8, 6, 4, 2, 9),
    },
    status_quo=1,
    improvements={5: 1},
    moves={2: 1, 3: 1, 4: 2, 5: 1, 6: 2, 7: 2, 8: 3, 9: 1},
)

_CUBA = Expected(
    case="cuba-1962",
    equilibria={
        "nash": (6,),
        **_same("seq", "sseq", states=(5, 6, 7)),
        **_same("gmr", "smr", states=(1, 2, 3, 5, 6, 7, 8)),
    },
    stable={
        "nash": {"us": (2, 3, 5, 6, 12), "ussr": (1, 6, 7, 8)},
        "seq": {"us": (2, 3, 5, 6, 7, 12), "ussr": (1, 5, 6, 7, 8)},
    },
    rankings={
        "us": (5, 7, 6, 8, 3, 2, 4, 1, 12, 10, 11, 9),
        "ussr": (1, 5, 7, 3, 6, 2, 8, 4, 12, 10, 11, 9),
    },
)

_SYRIA_IRAQ = Expected(
    case="syria-iraq-1975",
    equilibria={"nash": (6,), "gmr": (1, 6)} | _same("smr", "seq", "sseq", states=(6,)),
    stable={
        "nash": {"syria": (1, 6), "iraq": (2, 4, 6)},
        "gmr": {"syria": (1, 3, 6), "iraq": (1, 2, 4, 5, 6)},
        "smr": {"syria": (1, 3, 6), "iraq": (2, 4, 6)},
        "seq": {"syria": (1, 3, 6), "iraq": (2, 4, 5, 6)},
        "sseq": {"syria": (1, 3, 6), "iraq": (2, 4, 6)},
    },
    rankings={"syria": (1, 3, 6, 2, 4, 5), "iraq": (2, 4, 6, 1, 5, 3)},
    status_quo=1,
    improvements={4: 1, 6: 2},
    moves={2: 1, 3: 1, 4: 1, 5: 2, 6: 2},
)

_GISBORNE = (
    Expected(
        # what needs no order of the province
        case="gisborne",
        equilibria={},
        stable={
            "nash": {"federal": (2, 4, 6, 8), "support": (3, 4, 5, 6)},
            **_same("gmr", "smr", states={"federal": (2, 4, 6, 8), "support": (3, 4, 5, 6, 7, 8)}),
        },
        status_quo=6,
        moves={1: 2, 2: 1, 3: 3, 4: 2, 5: 1, 7: 2, 8: 1},
    ),
    Expected(
        case="gisborne-economic",
        equilibria=_same("nash", "seq", states=(4,)) | _same("gmr", "smr", states=(4, 8)),
        rankings={"provincial": (3, 7, 4, 8, 1, 2, 5, 6)},
        status_quo=6,
    ),
    Expected(
        case="gisborne-environmental",
        equilibria=_same("nash", "gmr", "smr", "seq", states=(6,)),
        rankings={"provincial": (2, 6, 1, 5, 4, 8, 3, 7)},
        status_quo=6,
        improvements={},
    ),
)

_OTHERS = (
    Expected(
        case="sustainable-development",
        equilibria=_same("nash", "seq", "sseq", states=(1,)) | _same("gmr", "smr", states=(1, 3)),
        stable=_same("nash", "seq", "sseq", states={"environment": (1, 2), "developers": (1, 3)})
        | _same("gmr", "smr", states={"environment": (1, 2, 3), "developers": (1, 3)}),
        rankings={"environment": (1, 3, 2, 4), "developers": (3, 1, 4, 2)},
        status_quo=4,
        improvements={1: 2, 2: 1, 3: 1},
        moves={1: 2, 2: 1, 3: 1},
    ),
    # nobody has a preference: every state holds, and nobody has a reason to move
    Expected(
        case="american-revolution",
        equilibria=_same(*_ALL, states=_every(52)),
        status_quo=9,
        improvements={},
    ),
)

EXPECTED: dict[str, Expected] = {
    known.case: known for known in (*_TWO_BY_TWO, _CUBA, _ELMIRA, _SYRIA_IRAQ, *_GISBORNE, *_OTHERS)
}


def mismatches(known: Expected, stability: Mapping[str, Any], status_quo: Mapping[str, Any]) -> list[str]:
    """Say where answers differ from what is known; the documents are those of ``stability`` and ``status_quo``."""
    claims: list[tuple[str, Any, Any]] = []
    for concept, states in known.equilibria.items():
        claims.append((f"equilibria {concept}", stability["equilibria"][concept], ids(*states)))
    for concept, by_party in known.stable.items():
        for party, states in by_party.items():
            claims.append((f"stable {concept} {party}", stability["stable"][concept][party], ids(*states)))
    for party, order in known.rankings.items():
        claims.append((f"ranking {party}", best_first(stability["states"], party), ids(*order)))
    if known.status_quo is not None:
        claims.append(("status quo", stability["status_quo"], f"s{known.status_quo}"))
    for name, lengths in (("improvements", known.improvements), ("moves", known.moves)):
        if lengths is not None:
            claims.append((name, status_quo[name], {f"s{state}": length for state, length in lengths.items()}))
    return [f"{name}: {found} instead of {right}" for name, found, right in claims if found != right]


def best_first(states: Iterable[Mapping[str, Any]], party: str) -> list[str]:
    """Return the ids of the states from best to worst by the party's rank."""
    return [state["id"] for state in sorted(states, key=lambda state: -state["rank"][party])]
