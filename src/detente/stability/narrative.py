"""Verdicts in sentences; every sentence comes from a witness."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from detente.base.wording import counted, listed, words
from detente.graph.model import GraphModel
from detente.stability.analysis import Stability
from detente.stability.concepts import CONCEPTS, Concept
from detente.stability.witness import Answer, Step, Verdict

Bools = NDArray[np.bool_]
MOST_ANSWERS = 6
MOST_NAMED = 12


def overview(found: Stability) -> list[str]:
    """How many states are equilibria under each concept, and whether today's state is one."""
    graph = found.graph
    today = graph.states.status_quo
    lines = [f"{graph.case.title}: {len(graph):,} states"]
    if found.mute:
        return [*lines, "No preferences: nothing to judge."]
    lines += [f"warning: {w}" for w in graph.warnings]
    for concept in found.concepts:
        held = found.equilibrium[concept]
        name = CONCEPTS[concept].name if concept in CONCEPTS else _mixture(found)
        if held is None:
            lines.append(f"{concept}: {unsettled(found, concept)} ({name})")
            continue
        text = f"{concept}: {counted(int(held.sum()), 'state')} stable for all ({name})"
        if today is not None:
            text += f"; today's state {graph.states.id(today)} {'is one' if held[today] else 'is not'}"
        lines.append(text)
    forms = (graph.case.preference(p) for p in graph.parties)
    if found.unsure or any(f is not None and f.unknown for f in forms):
        lines.append("--unknown and --shares tell more of what depends on preferences that are not known.")
    return lines


def unsettled(found: Stability, concept: str) -> str:
    """What is sure of the equilibria where some order is missing: which are sure, which may be, how many cannot be."""
    graph, bounds = found.graph, found.bounds(concept)
    wanting = listed([graph.case.party_name(p) for p in found.unsure])
    parts = []
    if bounds.always.any():
        sure, verb = int(bounds.always.sum()), "is" if bounds.always.sum() == 1 else "are"
        parts.append(f"{counted(sure, 'state')}{_some(found, bounds.always)} {verb} stable for all, whatever {wanting} "
                     f"{_want(found)}")  # fmt: skip
    if bounds.open.any():
        what = f"{counted(int(bounds.open.sum()), 'state')}{_some(found, bounds.open)} may be stable for all, depending"
        parts.append(f"{what} on what {wanting} {_want(found)}")
    never = int(bounds.never.sum())
    if never == len(graph):
        return f"no state can be stable for all, whatever {wanting} {_want(found)}"
    text = "; ".join([*parts, *([counted(never, "cannot be", "cannot be")] if never else [])])
    today = graph.states.status_quo
    if today is None:
        return text
    verdict = {True: "is one", False: "is not", None: "may be one"}[bounds.of(today)]
    return f"{text}; today's state {graph.states.id(today)} {verdict}"


def _want(found: Stability) -> str:
    return "wants" if len(found.unsure) == 1 else "want"


def _some(found: Stability, states: Bools) -> str:
    """The ids of a few states, in brackets."""
    if states.sum() > MOST_NAMED:
        return ""
    return f" ({', '.join(found.graph.states.id(int(s)) for s in np.flatnonzero(states))})"


def _mixture(found: Stability) -> str:
    """Whose stability is judged by which concept."""
    case = found.graph.case
    return listed([f"{case.party_name(p)} by {c}" for p, c in found.mixture.items()])


def narrate(found: Stability, party: str, state: str) -> list[str]:
    """Why a state is stable for a party or not, concept by concept; where it is not known, why it is not.

    Raises:
        UsageError: an unknown party or state.
    """
    graph = found.graph
    verdicts = {c: found.proved(c, party, state) for c in found.concepts}
    lines = [headed(graph, state, graph.case.party_name(party)), ""]
    for concept, verdict in verdicts.items():
        if verdict is None:
            used = CONCEPTS[found.mixture.get(party, concept) if concept not in CONCEPTS else concept]
            lines += [f"{used.id}, {used.name}: not known, because {_missing(found)}", _definition(used)]
        else:
            lines += [*_one(graph, verdict), _definition(CONCEPTS[verdict.concept])]
        lines.append("")
    return lines[:-1]


def headed(graph: GraphModel, state: str, whom: str) -> str:
    """The line above an explanation: the state with its levels, and for whom it is explained."""
    number = graph.states.find(state)
    described = ", ".join(
        f"{graph.case.option_name(o)}: {'any' if v is None else words(v)}"
        for o, v in graph.states.levels(number).items()
    )
    return f"{graph.states.id(number)} for {whom} ({described})"


def _missing(found: Stability) -> str:
    whose = listed([found.graph.case.party_name(p) for p in found.unsure])
    return f"the order of {whose} is not known" if len(found.unsure) == 1 else f"the orders of {whose} are not known"


def _definition(concept: Concept) -> str:
    return f"  Definition: a state is stable if {concept.meaning} ({concept.source})."


def _one(graph: GraphModel, verdict: Verdict) -> Iterator[str]:
    concept = CONCEPTS[verdict.concept]
    party = graph.case.party_name(verdict.party)
    yield f"{verdict.concept}, {concept.name}: {'stable' if verdict.stable else 'not stable'}"
    if not verdict.answers:
        yield f"  {party} has no move from here that it prefers."
        return
    if not verdict.stable:
        move = change(graph, Step(verdict.party, verdict.state, verdict.answers[0].improvement))
        why = "" if not concept.punished else ", and the others have no answer that would punish it"
        yield f"  {move}, which it prefers{why}."
        return
    for answer in verdict.answers[:MOST_ANSWERS]:
        yield "  " + punished(graph, verdict, answer)
    if len(verdict.answers) > MOST_ANSWERS:
        yield f"  The same goes for its {len(verdict.answers) - MOST_ANSWERS} other preferred moves."


def punished(graph: GraphModel, verdict: Verdict, answer: Answer) -> str:
    """One tempting move and how the others answer it."""
    party = graph.case.party_name(verdict.party)
    move = change(graph, Step(verdict.party, verdict.state, answer.improvement))
    steps = answer.sanction or ()
    replies = "; then ".join(change(graph, s) for s in steps)
    likes = "may prefer" if answer.may else "prefers"
    text = f"{move}, which it {likes}, but then {replies}, which leaves {party} no better off than before"
    if answer.best_replies is True:
        text += " (the best those who answer can do)"
    elif answer.best_replies is False:
        text += " (those who answer would have something better to do: the threat is weak)"
    return text + "."


def change(graph: GraphModel, step: Step) -> str:
    """A move in words: who changes which options from what to what."""
    case, states = graph.case, graph.states
    before, after = (states.levels(states.find(s)) for s in (step.source, step.target))
    parts = []
    for option, written in case.file.options.items():
        if written.party == step.party and before[option] != after[option]:
            to = after[option]
            parts.append(f"{case.option_name(option)} to '{'any' if to is None else words(to)}'")
    what = listed(parts) if parts else "to a state that is one and the same for all"
    return f"{case.party_name(step.party)} changes {what} ({step.source} to {step.target})"
