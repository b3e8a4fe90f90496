"""Which groups could leave today, or an outcome, together for something all of them prefer and that would hold."""

from __future__ import annotations

import numpy as np

from detente.base.table import Table
from detente.base.wording import counted, listed
from detente.brief.document import Block, Section
from detente.brief.reading import Reading
from detente.stability.jumps import Departure, Jumps, Way
from detente.stability.witness import Step

MOST_GROUPS, MOST_EXAMPLES = 6, 2
TITLE = "Who could move together"

INTRODUCTION = (
    "Parties that act at the same moment can go where none of them can go alone. Counted here are the outcomes that "
    "every member of a group prefers to where it is, that the group needs all its members to reach, and that would "
    "hold once reached (sequential stability)."
)


def section(reading: Reading) -> Section | None:
    """Groups from today, smallest first, with examples; then from each outcome shown that holds.

    Returns None where no state is today's, fewer than two parties own options, or nobody's wishes are written.
    """
    start = reading.status_quo.start
    held = reading.stability.equilibrium.get("seq")
    if start is None or len(set(reading.graph.states.space.owners)) < 2 or reading.mute:
        return None
    if held is None:
        return Section(TITLE, (Block(text=f"Not answered: which groups could leave today {reading.needs}."),))
    firm = [o.state for o in reading.outcomes.selected if held[o.state]]
    ident = reading.graph.states.id
    found: Jumps = reading.session.ask("jumps", starts=[ident(s) for s in (start, *firm)], **reading.how)
    today, *rest = found.departures
    lead = _lead(reading, today)
    blocks = [Block(text=INTRODUCTION), Block(text=lead)]
    if today.ways:
        caption = "Outcomes are told by what they change from today."
        blocks.append(Block(table=_table(reading, found, today), caption=caption))
    if len(today.ways) > MOST_GROUPS:
        blocks.append(Block(text=f"{counted(len(today.ways) - MOST_GROUPS, 'larger group')} could do so too."))
    after = _after(reading, found, rest)
    if after:
        blocks += [Block(text="Would a group leave an outcome again, once it is reached?"), Block(items=after)]
    return Section(TITLE, tuple(blocks), (lead,))


def _lead(reading: Reading, today: Departure) -> str:
    if not today.ways:
        text = "No group of parties could go together from today to an outcome that all its members prefer and that"
        return f"{text} would hold."
    count = counted(len(today.targets), "outcome")
    size = len(today.ways[0].coalition)
    groups = [_who(reading, w) for w in today.ways if len(w.coalition) == size][:MOST_GROUPS]
    which = "The smallest group that could is" if len(groups) == 1 else "The smallest groups that could are"
    return (
        f"From today, groups of parties could go together to {count} that all their members prefer and that would "
        f"hold. {which} {'; '.join(groups)}."
    )


def _who(reading: Reading, way: Way) -> str:
    names = reading.case.party_name
    text = listed([names(p) for p in way.coalition])
    return f"{text} with the help of {listed([names(p) for p in way.helpers])}" if way.helpers else text


def _table(reading: Reading, found: Jumps, today: Departure) -> Table:
    """One group after the other, with a few of the outcomes it could go to."""
    rows: list[tuple[str, ...]] = []
    rulers = []
    for way in today.ways[:MOST_GROUPS]:
        rulers.append(len(rows))
        for n, target in enumerate(_examples(reading, today.start, way)):
            label = reading.label(target)
            told = label if label.startswith("outcome") else reading.difference(target)
            head = (_who(reading, way), f"{len(way.targets):,}") if n == 0 else ("", "")
            rows.append((*head, told, _others(reading, found, today.start, way, target) or "all take part"))
    heads = ("who moves together", "outcomes", "for instance", "the others")
    return Table(heads, tuple(rows), rulers=tuple(rulers[1:]))


def _examples(reading: Reading, start: int, way: Way) -> list[int]:
    """First the outcomes shown elsewhere, then those that change least."""
    shown = [o.state for o in reading.outcomes.selected if o.state in way.targets]
    states = reading.graph.states
    levels = states.digits[:, states.cell_of]
    changed = (levels[:, way.targets] != levels[:, start, None]).sum(axis=0)
    nearest = [int(t) for t in way.targets[np.argsort(changed, kind="stable")] if t not in shown]
    return [*shown, *nearest][: max(MOST_EXAMPLES, min(len(shown), MOST_EXAMPLES + 1))]


def _others(reading: Reading, found: Jumps, start: int, way: Way, target: int) -> str:
    """What the parties outside a group would make of where it goes."""
    names = reading.case.party_name
    welcome, hurt = found.welcome(start, target, way), found.hurt(start, target, way)
    parts = []
    if welcome:
        parts.append(f"{listed([names(p) for p in welcome])} would welcome it")
    if hurt:
        parts.append(f"{listed([names(p) for p in hurt])} would be worse off")
    return "; ".join(parts)


def _after(reading: Reading, found: Jumps, departures: list[Departure]) -> tuple[str, ...]:
    """For each outcome shown that holds, whether a group would leave it together."""
    safe = [reading.label(d.start).removeprefix("outcome ") for d in departures if not d.ways]
    lines = [_left(reading, found, d) for d in departures if d.ways]
    if safe:
        which = f"Outcome {safe[0]} is" if len(safe) == 1 else f"Outcomes {listed(safe)} are"
        text = f"{which} safe from groups: none could go from there to anything that all its members prefer and that"
        lines.append(f"{text} would hold.")
    return tuple(lines)


def _left(reading: Reading, found: Jumps, departure: Departure) -> str:
    start = departure.start
    size = len(departure.ways[0].coalition)
    ways = [w for w in departure.ways if len(w.coalition) == size]
    shown = {o.state for o in reading.outcomes.selected}
    way = next((w for w in ways if shown & set(w.targets.tolist())), ways[0])
    target = _examples(reading, start, way)[0]
    where = reading.label(start)
    if target in shown:
        move = f"to {reading.label(target)}"
    else:
        ident, owners = reading.graph.states.id, (*way.coalition, *way.helpers)
        move = "; ".join(reading.move(Step(p, ident(start), ident(target))) for p in owners)
    others = _others(reading, found, start, way, target)
    count = counted(len(departure.targets), "outcome")
    whole = f" In all, groups could leave it for {count} that would hold." if len(departure.targets) > 1 else ""
    tail = f" ({others})" if others else ""
    pronoun = "both" if size == 2 else "all of them"
    text = f"{where[0].upper()}{where[1:]} could be left by {_who(reading, way)} for something {pronoun} would prefer"
    return f"{text}: {move}{tail}.{whole}"
