"""The individual solution concepts: what each asks, as data, and the stable states of one party under each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.graph.closure import least_reachable
from detente.graph.model import GraphModel
from detente.graph.ranks import Ranks
from detente.graph.tables import BEYOND

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Concept:
    """A solution concept for one party and one state.

    Attributes:
        id: name on the command line and in JSON.
        name: name in the literature.
        meaning: one sentence for a reader.
        punished: whether opponents' countermoves count.
        credible: whether countermoves must be improvements for those who make them.
        escape: whether the party's own answer to the countermoves counts.
        implies: concepts under which every state stable here is stable too.
        source: where it is defined; the number of a definition only where it is certain.
    """

    id: str
    name: str
    meaning: str
    punished: bool
    credible: bool
    escape: bool
    implies: tuple[str, ...]
    source: str


CONCEPTS = {
    c.id: c
    for c in (
        Concept(
            "nash", "Nash stability (rationality)", "the party has no move it prefers",
            punished=False, credible=False, escape=False, implies=("gmr", "smr", "seq", "sseq"),
            source="Nash 1950; Fang, Hipel, Kilgour 1993; Xu, Hipel, Kilgour, Fang 2018, ch. 4",
        ),
        Concept(
            "gmr", "general metarationality",
            "the others can answer every move the party prefers so that it ends no better off",
            punished=True, credible=False, escape=False, implies=(),
            source="Howard 1971; Fang, Hipel, Kilgour 1993; Xu, Hipel, Kilgour, Fang 2018, ch. 4",
        ),
        Concept(
            "smr", "symmetric metarationality",
            "the others can answer every move the party prefers so that it ends no better off, and its own next move "
            "does not mend that",
            punished=True, credible=False, escape=True, implies=("gmr",),
            source="Howard 1971; Fang, Hipel, Kilgour 1993; Xu, Hipel, Kilgour, Fang 2018, ch. 4",
        ),
        Concept(
            "seq", "sequential stability",
            "the others can answer every move the party prefers by moves that they prefer themselves, and it ends no "
            "better off",
            punished=True, credible=True, escape=False, implies=("gmr",),
            source="Fraser, Hipel 1979; Fang, Hipel, Kilgour 1993; Xu, Hipel, Kilgour, Fang 2018, ch. 4",
        ),
        Concept(
            "sseq", "symmetric sequential stability",
            "as sequential stability, and the party's own next move does not mend it",
            punished=True, credible=True, escape=True, implies=("seq", "smr", "gmr"),
            source="Rêgo, Vieira 2017, Group Decision and Negotiation, doi 10.1007/s10726-016-9520-8",
        ),
    )
}  # fmt: skip


def stable_states(graph: GraphModel, party: str, concept: Concept) -> Bools | None:
    """The states that are stable for a party under a concept.

    Args:
        graph: the conflict.
        party: whose stability.
        concept: one of ``CONCEPTS``.

    Returns:
        Shape (states,); None where the party, or for a credible concept an opponent who moves, has no order.
    """
    ranks = graph.ranks[party]
    opponents = [m for m in graph.movers if m != party]
    if ranks is None or (concept.credible and any(graph.ranks[o] is None for o in opponents)):
        return None
    if party not in graph.movers:
        return np.ones(len(graph), bool)
    if not concept.punished:
        return ~_leaving(graph, party, ranks, ranks)
    after = best_reachable(graph, party, ranks) if concept.escape else ranks
    worst = least_reachable(graph, opponents, after, improving=concept.credible)
    return ~_leaving(graph, party, ranks, np.minimum(ranks, worst))


def best_reachable(graph: GraphModel, party: str, ranks: Ranks) -> Ranks:
    """For each state, the best rank the party can have by staying or by one move of its own."""
    best = np.append(ranks, np.int32(-1))
    out = best.copy()
    for table in graph.tables(party):
        top = np.broadcast_to(table.maximum_of_row(best), table.states.shape)
        where = table.states < len(graph) if table.movers is None else table.movers
        if graph.states.merged:
            np.maximum.at(out, table.states[where], top[where])
        else:
            out[table.states[where]] = top[where]
    return out[:-1]


def _leaving(graph: GraphModel, party: str, ranks: Ranks, gain: Ranks) -> Bools:
    """Where some move of the party leads to a gain above its present rank: the improvement nobody punishes."""
    present = np.append(ranks, BEYOND)
    gain = np.append(gain, np.int32(-1))
    out = np.zeros(len(graph) + 1, bool)
    for table in graph.tables(party):
        leaves = table.maximum_of_row(gain) > present[table.states]
        if table.movers is not None:
            leaves &= table.movers
        out[table.states[leaves]] = True
    return out[:-1]
