"""What leads away from today, what blocks it, what all prefer, and whose single step would break it."""

from __future__ import annotations

from detente.base.wording import counted, listed
from detente.brief.document import Block, Section
from detente.brief.reading import Reading
from detente.brief.sections.stability import best_verdict
from detente.graph.paths import Step as PathStep
from detente.stability.witness import Step

MOST_STEPS = 5


def section(reading: Reading) -> Section:
    """The ways out of today and how firm what lies at their end is."""
    if reading.status_quo.start is None:
        return Section("What leads there from today", (Block(text="The case names no state as today's."),))
    if reading.mute:
        return Section("What leads there from today", (Block(text=_by_any_moves(reading)),))
    reached = reading.status_quo.reached(improving=True)
    alone = _alone(reading, len(reached))
    ways = tuple(_way(reading, n) for n in range(len(reading.outcomes.selected)))
    liked = int(reading.status_quo.all_prefer.sum())
    known = all(r is not None for r in reading.graph.ranks.values())
    whom = "every party with preferences" if known else "every party whose order is known"
    if liked:
        better = f"{counted(liked, 'state').capitalize()} would be better than today for {whom}."
    else:
        better = f"No state is better than today for {whom}."
    firm = tuple(t for n in range(len(reading.outcomes.selected)) for t in _firm(reading, n))
    blocks = [Block(text=alone), Block(items=ways), Block(text=better), Block(items=firm)]
    brief = (alone, better, *ways[:1])
    return Section("What leads there from today, and what blocks it", tuple(b for b in blocks if b.texts()), brief)


def _alone(reading: Reading, reached: int) -> str:
    """Who could leave today for something it prefers, and of whom that is not known."""
    start, found, name = reading.status_quo.start, reading.stability, reading.case.party_name
    dark = [p for p in reading.graph.movers if reading.graph.ranks[p] is None]
    verdicts = {} if start is None else {p: found.is_stable("nash", p, start) for p in dark}
    unsure = [name(p) for p, stable in verdicts.items() if stable is None]
    tempted = [name(p) for p, stable in verdicts.items() if stable is False]
    if reached:
        text = f"By steps that each mover prefers, {counted(reached, 'other state')} can be reached from today."
        if dark:
            text += f" Left out are the steps of {listed([name(p) for p in dark])}, whose order is not known."
        return text
    if not (unsure or tempted):
        return "No party has a step away from today that it prefers: by themselves, things stay as they are."
    parts = ["No party whose order is known has a step away from today that it prefers."]
    if tempted:
        parts.append(f"{listed(tempted)} {'has' if len(tempted) == 1 else 'have'} one.")
    if unsure:
        parts.append(f"What {listed(unsure)} would prefer is not known well enough to say.")
    return " ".join(parts)


def _by_any_moves(reading: Reading) -> str:
    """How far the parties could go, whatever they want."""
    lengths = reading.status_quo.reached(improving=False)
    others = len(reading.graph) - 1
    if not lengths:
        return "No party can move from today."
    whole = "All" if len(lengths) == others else f"{len(lengths):,} of the"
    text = f"{whole} {counted(others, 'other state')} can be reached from today if the parties wish"
    return (
        f"{text}, by at most {counted(max(lengths.values()), 'move')}." if lengths else "No party can move from today."
    )


def _way(reading: Reading, number: int) -> str:
    """The shortest way to an outcome and the first step on it that its mover does not prefer."""
    state = reading.outcomes.selected[number].state
    name = reading.named(number)
    path = reading.status_quo.path(state, improving=True)
    if path:
        return f"{name} is reached by steps that each mover prefers: {_told(reading, path)}."
    path = reading.status_quo.path(state, improving=False)
    if not path:
        return f"{name} cannot be reached from today by any moves."
    blocked = next((s for s in path if not s.improves), None)
    text = f"{name} takes {counted(len(path), 'move')}: {_told(reading, path)}."
    if blocked is None:
        return text
    who = reading.case.party_name(blocked.party)
    place = "that move" if len(path) == 1 else f"move {path.index(blocked) + 1}"
    ranks = reading.graph.ranks[blocked.party]
    if ranks is None:
        return f"{text} Whether {who} prefers where {place} leads is not known."
    start = path[0].source
    though = ", although it would prefer the outcome to today" if ranks[state] > ranks[start] else ""
    return f"{text} It is blocked at {place}: {who} does not prefer where it leads{though}."


def _told(reading: Reading, path: tuple[PathStep, ...]) -> str:
    ident = reading.graph.states.id
    told = [reading.move(Step(s.party, ident(s.source), ident(s.target))) for s in path[:MOST_STEPS]]
    return "; then ".join(told) + ("; and so on" if len(path) > MOST_STEPS else "")


def _firm(reading: Reading, number: int) -> list[str]:
    """Whose single step away from an outcome all prefer would break it, unpunished or only for want of an answer."""
    state = reading.outcomes.selected[number].state
    if not reading.status_quo.all_prefer[state]:
        return []
    found, case = reading.stability, reading.case
    lines = []
    for party in reading.graph.movers:
        if found.is_stable("nash", party, state) is not False:
            continue
        verdict = best_verdict(reading, party, state)
        answer = verdict.answers[0]
        move = reading.move(Step(party, verdict.state, answer.improvement))
        who = case.party_name(party)
        if verdict.concept == "nash":
            lines.append(f"Outcome {number + 1} tempts {who}: {move}. Whether that would be punished is not known.")
            continue
        if not verdict.stable:
            lines.append(f"Outcome {number + 1} would be broken by {who}: {move}, and nobody would answer that.")
            continue
        replies = ", then ".join(reading.move(s) for s in answer.sanction or ())
        weak = ""
        if answer.best_replies is False:
            movers = list(dict.fromkeys(case.party_name(s.party) for s in answer.sanction or ()))
            weak = f" (though {listed(movers, 'or')} would have something better to do)"
        lines.append(f"Outcome {number + 1} tempts {who}: {move}. It is held back because then {replies}{weak}.")
    if any(found.is_stable("nash", p, state) is None for p in reading.graph.movers):
        return lines or [f"Outcome {number + 1} tempts no party whose order is known."]
    return lines or [f"Outcome {number + 1} tempts nobody: no party has a step away from it that it prefers."]
