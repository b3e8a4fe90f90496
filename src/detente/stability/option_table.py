"""The option table: states as columns, options as rows, as the literature prints it; and the states' JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.table import Table
from detente.base.wording import words
from detente.graph.model import GraphModel

MOST_LISTED = 10_000


def states_dict(graph: GraphModel, *, listed: bool = True) -> dict[str, Any]:
    """The part of the JSON contract that ``states`` and ``stability`` share.

    Args:
        graph: the conflict.
        listed: whether to list the states; otherwise their number stands for them.
    """
    case, states = graph.case, graph.states
    return {
        "parties": list(case.parties),
        "options": [
            {"id": o, "party": w.party, "levels": list(w.levels)} for o, w in case.file.options.items()
        ],
        "states": [_state(graph, s) for s in range(len(states))] if listed else len(states),
        "status_quo": None if states.status_quo is None else states.id(states.status_quo),
    }  # fmt: skip


def _state(graph: GraphModel, state: int) -> dict[str, Any]:
    members = graph.states.member_keys(state)
    return {
        "id": graph.states.id(state),
        "key": graph.states.key(state),
        "levels": graph.states.levels(state),
        "members": None if members is None else list(members),
        "rank": {p: None if r is None else int(r[state]) for p, r in graph.ranks.items()},
    }


def option_table(graph: GraphModel, columns: Sequence[int], marks: Mapping[str, NDArray[np.bool_]]) -> Table:
    """Options as rows and states as columns, with the concepts under which each is an equilibrium.

    Args:
        graph: the conflict.
        columns: numbers of the states shown.
        marks: concept -> shape (states,): what to tick under the levels.
    """
    case, states = graph.case, graph.states
    levels = [states.levels(s) for s in columns]
    rows = []
    for option, written in case.file.options.items():
        binary = written.levels == ("no", "yes")
        cells = tuple(_cell(of[option], binary=binary) for of in levels)
        rows.append((case.party_name(written.party), case.option_name(option), *cells))
    rulers = tuple(n for n in range(1, len(rows)) if rows[n][0] != rows[n - 1][0])
    for concept, held in marks.items():
        rows.append(("stable for all", concept, *("•" if held[s] else "" for s in columns)))
    heads = ("party", "option", *(_head(graph, s) for s in columns))
    merged = any(None in of.values() for of in levels)
    note = "any: the state is one and the same whatever is chosen there" if merged else ""
    return Table(heads, tuple(rows), note=note, rulers=(*rulers, len(case.options)))


def _cell(level: str | None, *, binary: bool) -> str:
    if level is None:
        return "any"
    return {"yes": "Y", "no": "N"}[level] if binary else words(level)


def _head(graph: GraphModel, state: int) -> str:
    today = " (today)" if state == graph.states.status_quo else ""
    return graph.states.id(state) + today
