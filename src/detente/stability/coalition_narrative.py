"""Coalition stability in sentences; every reason comes from a witness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from detente.base.wording import counted, listed
from detente.graph.model import GraphModel
from detente.stability.coalition_witness import GroupAnswer, GroupMove, GroupVerdict
from detente.stability.coalitions import COALITION_CONCEPTS, MOVES_IN_WORDS, Coalitions
from detente.stability.narrative import change, headed
from detente.stability.witness import Step

MOST_NAMED = 12


def names(graph: GraphModel, parties: Sequence[str]) -> str:
    """Parties by name, as part of a sentence."""
    return listed([graph.case.party_name(p) for p in parties])


def lines(found: Coalitions) -> list[str]:
    """What holds against which groups, and who could leave today's state together."""
    graph = found.graph
    out = [f"Groups of parties ({MOVES_IN_WORDS[found.moves]}):"]
    if found.structure is not None:
        blocks = "; ".join(names(graph, b) for b in found.structure)
        out[0] = (
            f"Groups that have formed: {blocks} ({MOVES_IN_WORDS[found.moves]}). A member does not move alone here."
        )
    for concept in found.concepts:
        meaning = COALITION_CONCEPTS[concept].meaning
        held = found.holds[concept]
        if held is None:
            out.append(f"{concept}: not known, because not everybody's order is known ({meaning}).")
            continue
        whom = "every group" if found.structure is None else "every group that has formed"
        some = found.ids(concept) or ()
        told = f": {', '.join(some[:MOST_NAMED])}{', ...' if len(some) > MOST_NAMED else ''}" if some else ""
        out.append(f"{concept}: {counted(int(held.sum()), 'state')} stable for {whom}{told} ({meaning}).")
    return [*out, *_today(found)]


def _today(found: Coalitions) -> Iterator[str]:
    """The smallest groups for which today's state is not stable, with what they would do."""
    graph, today = found.graph, found.graph.states.status_quo
    concept = found.concepts[-1]
    if today is None:
        return
    leaving = [g for g in found.coalitions if (s := found.stable[concept][g]) is not None and not s[today]]
    least = [g for g in leaving if not any(set(o) < set(g) for o in leaving)]
    for group in least:
        verdict = found.witness(concept, group, today)
        move = told(graph, verdict.answers[0].improvement)
        where = f"Today's state {graph.states.id(today)}"
        yield f"{where} is not {concept}-stable for {names(graph, group)}: {move}, and nobody can punish it."
    known = all(s is not None for s in found.stable[concept].values())
    if not least and known:
        yield f"Today's state {graph.states.id(today)} is {concept}-stable for every group judged."


def narrate_groups(found: Coalitions, verdicts: Sequence[GroupVerdict]) -> list[str]:
    """Why a state is stable for a group or not, concept by concept, under a line with the state's levels.

    Args:
        found: the answer.
        verdicts: of one group on one state, at least one.
    """
    out = [headed(found.graph, verdicts[0].state, names(found.graph, verdicts[0].coalition))]
    for verdict in verdicts:
        out += ["", *narrate_group(found, verdict)]
    return out


def narrate_group(found: Coalitions, verdict: GroupVerdict) -> list[str]:
    """Why a state is stable for a group or not."""
    graph, concept = found.graph, COALITION_CONCEPTS[verdict.concept]
    group = names(graph, verdict.coalition)
    head = f"{verdict.concept}, {concept.name}: {verdict.state} is {'' if verdict.stable else 'not '}stable for {group}"
    definition = f"  Definition: a state is stable for a group if {concept.meaning} ({concept.source})."
    return [f"{head}.", *_reasons(graph, verdict, group), definition]


def _reasons(graph: GraphModel, verdict: GroupVerdict, group: str) -> list[str]:
    if not verdict.answers:
        return [f"  {group} can reach nothing from here that all of them prefer."]
    if not verdict.stable:
        move = told(graph, verdict.answers[0].improvement)
        why = "" if verdict.concept == "cnash" else ", and the others have no answer that would punish it"
        return [f"  {move}, which all of them prefer{why}."]
    out = [f"  {_punished(graph, answer)}" for answer in verdict.answers]
    if verdict.more:
        out.append(f"  The same goes for {counted(verdict.more, 'other preferred move')}.")
    return out


def _punished(graph: GraphModel, answer: GroupAnswer) -> str:
    replies = "; then ".join(told(graph, m) for m in answer.sanction or ())
    hurt = names(graph, answer.hurt)
    return f"{told(graph, answer.improvement)}, which all of them prefer, but then {replies}; {hurt} is no better off."


def told(graph: GraphModel, move: GroupMove) -> str:
    """A move of a group in words: step by step, or who changes what at once."""
    if move.steps is not None:
        return ", then ".join(change(graph, s) for s in move.steps)
    states = graph.states
    before, after = (states.levels(states.find(s)) for s in (move.source, move.target))
    owners = graph.case.file.options
    acting = [p for p in move.coalition if any(w.party == p and before[o] != after[o] for o, w in owners.items())]
    parts = [change(graph, Step(p, move.source, move.target)) for p in acting or move.coalition]
    return f"at once {listed(parts)}" if len(parts) > 1 else parts[0]
