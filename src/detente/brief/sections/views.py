"""The experts' views side by side, and where they differ (parties' own pictures: see ``misperception``)."""

from __future__ import annotations

import numpy as np

from detente.base.table import Table
from detente.base.wording import counted, listed
from detente.brief.document import Block, Section
from detente.brief.reading import Reading
from detente.brief.sections import stability as stability_section
from detente.graph.claims import ClaimTest
from detente.stability.picture import Int64, matched
from detente.stability.witness import Step

MOST_NAMED = 4


def sections(reading: Reading) -> list[Section]:
    """A comparison, then each view's own answer to what holds today; nothing where there are no experts' views."""
    experts = [n for n, v in reading.case.written.file.views.items() if v.of is None]
    if reading.alone or not experts:
        return []
    readings = [reading, *(reading.seen_by(v) for v in experts if v != reading.how["view"])]
    differences = _differences(readings)
    numbered = " Outcomes carry the numbers they were given above." if reading.outcomes.selected else ""
    blocks = [
        Block(text=f"The same questions, asked of each reading of the case.{numbered}"),
        Block(table=_comparison(readings)),
        Block(items=tuple(differences)),
    ]
    for other in readings[1:]:
        blocks += [Block(text=f"{_title(other)}: {_note(other)}".strip())]
        blocks += [Block(items=tuple(stability_section.today(other)))]
    claims = _claims(reading)
    if claims.rows:
        blocks += [Block(text="What the experts say of the parties, held against the preferences of their view:"),
                   Block(table=claims)]  # fmt: skip
    return [Section("Where the readings differ", tuple(blocks), tuple(differences[:2]))]


HOLDS = {True: "holds", False: "does not hold", None: "not known whether it holds"}


def _title(reading: Reading) -> str:
    return reading.name[:1].upper() + reading.name[1:]


def _note(reading: Reading) -> str:
    view = reading.case.view_name
    return reading.case.written.file.views[view].note if view else ""


def _comparison(readings: list[Reading]) -> Table:
    first = readings[0]
    rows = []
    for name, concept in (("nobody gains by a step of its own", "nash"), ("the others' answers count", "seq")):
        rows.append((f"outcomes that hold ({name})", *(_held(first, r, concept) for r in readings)))
    rows.append(("today holds (step of one's own)", *(_holds_today(r, "nash") for r in readings)))
    rows.append(("today holds (others' answers count)", *(_holds_today(r, "seq") for r in readings)))
    rows.append(("states all prefer to today", *(f"{int(r.status_quo.all_prefer.sum()):,}" for r in readings)))
    for number, outcome in enumerate(first.outcomes.selected):
        cells = []
        for r in readings:
            state = _there(first, r)[outcome.state]
            if state < 0:
                cells.append("not possible")
                continue
            holds = HOLDS[r.stability.bounds("seq").of(int(state))]
            liked = "better for all" if r.status_quo.all_prefer[state] else "not better for all"
            cells.append(f"{holds}; {liked}")
        rows.append((f"outcome {number + 1}", *cells))
    typed = [p for p in first.case.parties if not first.shared and any(p in r.case.types for r in readings)]
    rows += [(f"{first.case.party_name(p)} is taken as", *(_type(r, p) for r in readings)) for p in typed]
    return Table(("", *(_title(r) for r in readings)), tuple(rows))


def _there(first: Reading, other: Reading) -> Int64:
    """The state of another reading for every state of the first; -1 where that holds it impossible."""
    return matched(first.graph.states, other.graph.states)[0]


def _held(first: Reading, reading: Reading, concept: str) -> str:
    """The outcomes that hold, or perhaps hold, by name where they are few, else how many."""
    bounds = reading.stability.bounds(concept)
    sure, unsure = np.flatnonzero(bounds.always), np.flatnonzero(bounds.open)
    if not 0 < len(sure) + len(unsure) <= MOST_NAMED:
        return stability_section.how_many(reading, concept)
    place = _there(first, reading)
    here = {int(place[o.state]): f"outcome {n + 1}" for n, o in enumerate(first.outcomes.selected)}
    here[-1 if reading.status_quo.start is None else reading.status_quo.start] = "today"
    names = [here.get(int(s)) or reading.difference(int(s)) for s in (*sure, *unsure)]
    perhaps = "perhaps " + "; ".join(names[len(sure) :]) if len(unsure) else ""
    return "; ".join(t for t in (*names[: len(sure)], perhaps) if t)


def _holds_today(reading: Reading, concept: str) -> str:
    start = reading.status_quo.start
    if start is None:
        return "no today"
    leaving = [
        reading.case.party_name(p) for p in reading.graph.movers
        if reading.stability.is_stable(concept, p, start) is False
    ]  # fmt: skip
    if leaving:
        return f"not for {listed(leaving)}"
    unsure = [p for p in reading.graph.movers if reading.stability.is_stable(concept, p, start) is None]
    return f"not known for {listed([reading.case.party_name(p) for p in unsure])}" if unsure else "for all"


def _type(reading: Reading, party: str) -> str:
    used = reading.case.types.get(party)
    if used is None:
        return "one type"
    kind = (reading.case.file.preferences[party].types or {})[used]
    return kind.label or used


def _differences(readings: list[Reading]) -> list[str]:
    """Sentences on what one reading affirms and another denies."""
    first = readings[0]
    alike: dict[str, list[int]] = {}
    for number, outcome in enumerate(first.outcomes.selected):
        there = [(r, int(_there(first, r)[outcome.state])) for r in readings]
        liked = [r for r, state in there if state >= 0 and r.status_quo.all_prefer[state]]
        if liked and len(liked) < len(readings):
            against = [_against(r, state) for r, state in there if r not in liked]
            text = f"better than today for all {listed([r.where for r in liked])}; {listed(against)}."
            alike.setdefault(text, []).append(number)
    out = [
        f"{first.named(of[0])} is {text}" if len(of) == 1 else f"Outcomes {listed([str(n + 1) for n in of])} are {text}"
        for text, of in alike.items()
    ]
    if len({_holds_today(r, "nash") for r in readings}) > 1:
        told = " ".join(f"{_title(r) if r.case.view_name else 'Case as written'}: {_kept(r)}." for r in readings)
        out.append(f"Does today hold, if each party looks at its own next step only? {told}")
    return out or ["The readings agree on the outcomes shown."]


def _against(reading: Reading, state: int) -> str:
    """For whom a state is no better than today."""
    start = reading.status_quo.start
    if state < 0:
        return f"{reading.name} it is not possible"
    losers = [
        reading.case.party_name(p) for p in reading.graph.parties
        if (k := reading.graph.ranks[p]) is not None and start is not None and k[state] <= k[start]
        and reading.case.preference(p) is not None
    ]  # fmt: skip
    return f"{reading.name} not for {listed(losers)}"


def _kept(reading: Reading) -> str:
    """Whether nobody gains by a single step away from today, and if somebody does, by which."""
    start, found = reading.status_quo.start, reading.stability
    for party in reading.graph.movers if start is not None else ():
        if found.is_stable("nash", party, start or 0) is False:
            verdict = found.witness("nash", party, start or 0)
            return f"no, {reading.move(Step(party, verdict.state, verdict.answers[0].improvement))}"
    told = _holds_today(reading, "nash")
    return "yes" if told == "for all" else told


def _claims(reading: Reading) -> Table:
    check = reading.session.ask("check")
    rows = [
        (
            reading.person(t.claim.by),
            t.claim.says or f"{reading.case.party_name(t.claim.party)} prefers {_pair(reading, t)}",
            _fares(t),
        )
        for _, t in check.claims
    ]
    return Table(("who", "says", "do the preferences agree?"), tuple(rows))


def _pair(reading: Reading, test: ClaimTest) -> str:
    better, worse = (reading.spoken(c.text) for c in test.claim.prefers)
    return f"{better} to {worse}"


def _fares(test: ClaimTest) -> str:
    if not test.known:
        return "cannot tell: no order"
    if test.pairs == 0:
        return "cannot tell: nothing to compare"
    comparisons = counted(test.pairs, "comparison")
    if test.holds:
        return "yes" if test.pairs == 1 else f"yes, in all {comparisons}"
    return f"partly, in {test.held:,} of {comparisons}" if test.held else f"no, in none of {comparisons}"
