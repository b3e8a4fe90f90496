"""Verdicts in sentences; every sentence comes from a witness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from detente.base.wording import counted, listed, words
from detente.graph.model import GraphModel
from detente.stability.analysis import Stability
from detente.stability.concepts import CONCEPTS, Concept
from detente.stability.witness import Answer, Step, Verdict

MOST_ANSWERS = 6


def overview(found: Stability) -> list[str]:
    """How many states are equilibria under each concept, and whether today's state is one."""
    graph = found.graph
    today = graph.states.status_quo
    lines = [f"{graph.case.title}: {len(graph):,} states"]
    lines += [f"warning: {w}" for w in graph.warnings]
    for concept in found.concepts:
        held = found.equilibrium[concept]
        name = CONCEPTS[concept].name if concept in CONCEPTS else _mixture(found)
        if held is None:
            lines.append(f"{concept}: not every party has an order, so no state can be called stable for all ({name})")
            continue
        text = f"{concept}: {counted(int(held.sum()), 'state')} stable for all ({name})"
        if today is not None:
            text += f"; today's state {graph.states.id(today)} {'is one' if held[today] else 'is not'}"
        lines.append(text)
    return lines


def _mixture(found: Stability) -> str:
    """Whose stability is judged by which concept."""
    case = found.graph.case
    return listed([f"{case.party_name(p)} by {c}" for p, c in found.mixture.items()])


def narrate(found: Stability, verdicts: Sequence[Verdict]) -> list[str]:
    """Why a state is stable for a party or not, concept by concept."""
    graph = found.graph
    first = verdicts[0]
    party = graph.case.party_name(first.party)
    state = graph.states.find(first.state)
    levels = graph.states.levels(state)
    described = ", ".join(
        f"{graph.case.option_name(o)}: {'any' if v is None else words(v)}" for o, v in levels.items()
    )  # fmt: skip
    lines = [f"{first.state} for {party} ({described})", ""]
    for verdict in verdicts:
        lines += [*_one(graph, verdict), _definition(CONCEPTS[verdict.concept]), ""]
    return lines[:-1]


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
    text = f"{move}, which it prefers, but then {replies}, which leaves {party} no better off than before"
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
