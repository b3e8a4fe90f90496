"""Which outcomes are kept by parties that look further ahead than one answer."""

from __future__ import annotations

from detente.base.table import Table
from detente.base.wording import SMALL_NUMBERS, counted, listed
from detente.brief.document import Block, Section
from detente.brief.reading import Reading
from detente.stability.foresight import Foresight
from detente.stability.foresight_narrative import NO_AGREED_DEFINITION
from detente.stability.witness import Step

FURTHEST, MOST_EXAMPLES = 4, 2
TITLE = "If the parties look further ahead"

INTRODUCTION = (
    "So far a party looked at most one round of answers ahead, and any answer in the others' interest could deter it. "
    "Here every party looks a number of moves ahead, expects the others to do what is then best for them, and leaves "
    "where a move of its own would end better for it."
)


def section(reading: Reading) -> Section | None:
    """Today and the outcomes shown at two and more moves ahead; threats that would not be carried out.

    None where fewer than two parties move, nobody's wishes are written, or there is no outcome to judge.
    """
    if len(reading.graph.movers) < 2 or reading.mute:
        return None
    found: Foresight = reading.session.ask("foresight", horizon=FURTHEST, non_myopic=False, **reading.how)
    start = reading.status_quo.start
    states = [*([] if start is None else [start]), *(o.state for o in reading.outcomes.selected)]
    if found.unknown:
        text = f"Not answered: what parties would do that look two or more moves ahead {reading.needs}."
        return Section(TITLE, (Block(text=text),))
    if not states:
        return None
    lead = _lead(reading, found, states)
    blocks = [Block(text=INTRODUCTION)]
    if len(reading.graph.movers) > 2:
        blocks.append(Block(text=NO_AGREED_DEFINITION))
    bridge = _bridge(reading, found)
    blocks += [Block(text=t) for t in (bridge, lead) if t]
    blocks.append(Block(table=_table(reading, found, states)))
    threats = _threats(reading, found, states)
    if threats:
        text = "Held so far by a punishment that a party looking two moves ahead would not expect:"
        blocks += [Block(text=text), Block(items=threats)]
    return Section(TITLE, tuple(blocks), (bridge or lead,))


def _bridge(reading: Reading, found: Foresight) -> str:
    """Why today, which held above, is left here: by whom, how many moves ahead, by which move and counting on what."""
    start, held = reading.status_quo.start, reading.stability.equilibrium.get("seq")
    if start is None or held is None or not held[start]:
        return ""
    horizon = next((h for h in range(2, FURTHEST + 1) if _leavers(found, h, start)), None)
    if horizon is None:
        return ""
    party = _leavers(found, horizon, start)[0]
    first, *answers = (reading.move(s) for s in found.anticipated(party, start, horizon))
    if answers:
        then = f"{first}, expecting that then {'; then '.join(answers)}"
    else:
        then = f"{first}, expecting that nobody will answer"
    leaves = f"{reading.case.party_name(party)}, if it looks {counted(horizon, 'move')} ahead, would leave it"
    return f"Above, each party looked at its own next step and at the answers to it, and today held. {leaves}: {then}."


def _lead(reading: Reading, found: Foresight, states: list[int]) -> str:
    kept = [s for s in states if all(not _leavers(found, h, s) for h in range(2, FURTHEST + 1))]
    if not kept:
        none = "Nothing shown here" if reading.status_quo.start is None else "Neither today nor any outcome shown"
        return f"{none} is kept by every party at two, three and {SMALL_NUMBERS[FURTHEST]} moves ahead."
    names = listed([reading.label(s) for s in kept])
    verb = "is" if len(kept) == 1 else "are"
    ahead = f"whether it looks two, three or {SMALL_NUMBERS[FURTHEST]} moves ahead"
    return f"{names[0].upper()}{names[1:]} {verb} kept by every party, {ahead}."


def _leavers(found: Foresight, horizon: int, state: int) -> list[str]:
    """Who would leave, in file order."""
    of = found.stable[horizon][found.versions[0]]
    return [p for p, stable in of.items() if stable is not None and not stable[state]]


def _table(reading: Reading, found: Foresight, states: list[int]) -> Table:
    horizons = range(2, FURTHEST + 1)
    rows = []
    for state in states:
        cells = []
        for horizon in horizons:
            leavers = [reading.case.party_name(p) for p in _leavers(found, horizon, state)]
            cells.append(f"left by {listed(leavers)}" if leavers else "kept by all")
        rows.append((reading.label(state), *cells))
    return Table(("outcome", *(f"{counted(h, 'move')} ahead" for h in horizons)), tuple(rows))


def _threats(reading: Reading, found: Foresight, states: list[int]) -> tuple[str, ...]:
    """Sequential equilibria left at two moves ahead by a preferred move, with what the party counts with."""
    told: list[str] = []
    cases = 0
    for state in states:
        for party, rejected in found.rejected.get(2, {}).items():
            if not rejected.threat[state]:
                continue
            cases += 1
            steps = found.anticipated(party, state, 2)
            if len(told) < MOST_EXAMPLES and _preferred_at_once(reading, steps[0]):
                told.append(_threat(reading, state, steps))
    if not told:
        return (f"{counted(cases, 'case')}, none of them simple enough to tell.",) if cases else ()
    more = cases - len(told)
    return (*told, *([f"The same goes for {counted(more, 'other case')}."] if more else []))


def _preferred_at_once(reading: Reading, step: Step) -> bool:
    ranks, find = reading.graph.rank(step.party), reading.graph.states.find
    return bool(ranks[find(step.target)] > ranks[find(step.source)])


def _threat(reading: Reading, state: int, steps: tuple[Step, ...]) -> str:
    first, *answers = (reading.move(s) for s in steps)
    then = f"the answer to expect is that {answers[0]}" if answers else "nobody else would gain by moving then"
    name = reading.label(state)
    party = reading.case.party_name(steps[0].party)
    return f"{name[0].upper()}{name[1:]}: {first}, which it prefers; {then}, and {party} is better off than before."
