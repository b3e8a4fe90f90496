"""The experts' views side by side, and where they differ (parties' own pictures: see ``misperception``)."""

from __future__ import annotations

from detente.base.table import Table
from detente.base.wording import listed
from detente.brief.document import Block, Section
from detente.brief.reading import Reading
from detente.brief.sections import stability as stability_section
from detente.graph.claims import ClaimTest


def sections(reading: Reading) -> list[Section]:
    """A comparison, then each view's own answer to what holds today; nothing where there are no experts' views."""
    experts = [n for n, v in reading.case.written.file.views.items() if v.of is None]
    if reading.alone or not experts:
        return []
    readings = [reading, *(reading.seen_by(v) for v in experts if v != reading.how["view"])]
    differences = _differences(readings)
    blocks = [
        Block(text="The same questions, asked of each reading of the case. The numbers of outcomes refer to the base."),
        Block(table=_comparison(readings)),
        Block(items=tuple(differences)),
    ]
    for other in readings[1:]:
        blocks += [Block(text=f"{_title(other)}: {_note(other)}"), Block(items=tuple(stability_section.today(other)))]
    claims = _claims(reading)
    if claims.rows:
        blocks += [Block(text="What the experts say of the parties, held against the preferences of their view:"),
                   Block(table=claims)]  # fmt: skip
    return [Section("Where the readings differ", tuple(blocks), tuple(differences[:2]))]


def _title(reading: Reading) -> str:
    return reading.name[:1].upper() + reading.name[1:]


def _note(reading: Reading) -> str:
    view = reading.case.view_name
    return reading.case.written.file.views[view].note if view else ""


def _comparison(readings: list[Reading]) -> Table:
    first = readings[0]
    rows = []
    for name, concept in (("nobody gains by a step of its own", "nash"), ("the others' answers count", "seq")):
        rows.append((f"outcomes that hold ({name})", *(_count(r, concept) for r in readings)))
    rows.append(("today holds (step of one's own)", *(_holds_today(r, "nash") for r in readings)))
    rows.append(("today holds (others' answers count)", *(_holds_today(r, "seq") for r in readings)))
    rows.append(("states all prefer to today", *(f"{int(r.status_quo.all_prefer.sum()):,}" for r in readings)))
    for number, outcome in enumerate(first.outcomes.selected):
        cells = []
        for r in readings:
            held = r.stability.equilibrium["seq"]
            holds = "holds" if held is not None and held[outcome.state] else "does not hold"
            liked = "better for all" if r.status_quo.all_prefer[outcome.state] else "not better for all"
            cells.append(f"{holds}; {liked}")
        rows.append((f"outcome {number + 1}", *cells))
    typed = [p for p in first.case.parties if not first.shared and any(p in r.case.types for r in readings)]
    rows += [(f"{first.case.party_name(p)} is taken as", *(_type(r, p) for r in readings)) for p in typed]
    return Table(("", *(_title(r) for r in readings)), tuple(rows))


def _count(reading: Reading, concept: str) -> str:
    held = reading.stability.equilibrium[concept]
    return "not known" if held is None else f"{int(held.sum()):,}"


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
    out = []
    for number, outcome in enumerate(first.outcomes.selected):
        liked = [r for r in readings if r.status_quo.all_prefer[outcome.state]]
        if liked and len(liked) < len(readings):
            others = [r for r in readings if r not in liked]
            against = []
            for r in others:
                start = r.status_quo.start
                losers = [
                    r.case.party_name(p) for p in r.graph.parties
                    if (k := r.graph.ranks[p]) is not None and start is not None and k[outcome.state] <= k[start]
                    and r.case.preference(p) is not None
                ]  # fmt: skip
                against.append(f"{r.name} not for {listed(losers)}")
            out.append(
                f"{first.named(number)} is better than today for all "
                f"{listed([r.where for r in liked])}; {listed(against)}."
            )
    today = {r.where: _holds_today(r, "nash") for r in readings}
    if len(set(today.values())) > 1:
        told = listed([f"{v} ({k})" for k, v in today.items()])
        out.append(f"Today holds, in that nobody gains by a single step away from it: {told}.")
    return out or ["The readings agree on the outcomes shown."]


def _claims(reading: Reading) -> Table:
    check = reading.session.ask("check")
    rows = [
        (
            t.claim.by or "",
            t.claim.says or f"{reading.case.party_name(t.claim.party)} prefers {_pair(reading, t)}",
            _fares(t),
        )
        for _, t in check.claims
    ]
    return Table(("who", "says", "and the preferences"), tuple(rows))


def _pair(reading: Reading, test: ClaimTest) -> str:
    better, worse = (reading.spoken(c.text) for c in test.claim.prefers)
    return f"{better} to {worse}"


def _fares(test: ClaimTest) -> str:
    if not test.known:
        return "cannot tell: no order"
    if test.holds:
        return f"agree, in all {test.pairs:,} comparisons"
    return f"agree in {test.held:,} of {test.pairs:,} comparisons"
