"""Would it pass at home? Which deals need votes, how these stand, until when, and what promises are worth."""

from __future__ import annotations

from collections.abc import Iterator

from detente.base.errors import UsageError
from detente.base.table import Table
from detente.base.wording import listed
from detente.brief.document import Block, Section
from detente.brief.reading import Reading
from detente.case.blocks.ratification import Body
from detente.case.fields import Amount, Clause, ConditionalAmount, Evidence
from detente.case.quantities import Quantity, plain
from detente.pictures.vote_bar import vote_bar
from detente.ratification.narrative import CARRY, cost, obstacles, promises, votes, whole, window
from detente.ratification.private import private_parts
from detente.ratification.result import Example, Ratification, percent
from detente.ratification.wording import bloc_name, body_name, member_name, needs_in_words

TITLE = "Would it pass at home?"
MOST_DEALS = 3
DRAWS = 400  # as many as tell a share to within a few hundredths
MOST_OUTCOMES = 6
SURE = {"sure": "sure", "fairly": "fairly sure", "guess": "a guess"}
PICKED = {
    "nash": "The deal with the largest product of gains",
    "fallback": "The deal that fallback bargaining picks",
    "status_quo": "Today, as no deal is known that all could accept",
}


def section(reading: Reading) -> Section | None:
    """The deals worth asking about with their chances of passage; None without votes and terms in the case."""
    case = reading.case
    if case.file.ratification is None and not case.file.terms:
        return None
    first = _first(reading)
    if first is None:
        return None
    found = [first, *(_asked(reading, s) for s in _others(first))]
    said: set[str] = set()
    blocks = [Block(text=_rules(reading)), Block(table=_table(reading, found), caption=_caption(found))]
    for one in found:
        if one.bodies and (one is first or any(c.votes for c in one.bodies.values())):
            blocks += _deal(one, _named(reading, first, one), said)
    blocks.append(Block(items=(*whole(first), *cost(first), *window(first), *promises(first))))
    if case.file.ratification is not None:
        blocks += _numbers(reading)
    return Section(TITLE, tuple(blocks), tuple(_summary(reading, found)))


def _first(reading: Reading) -> Ratification | None:
    """The deal that the usual rule picks, or today's state; None where there is neither."""
    try:
        found: Ratification = reading.session.ask("ratify", draws=DRAWS, **reading.how)
    except UsageError:
        return None
    return found.for_sharing() if reading.shared else found


def _asked(reading: Reading, state: int) -> Ratification:
    deal = reading.graph.states.id(state)
    found: Ratification = reading.session.ask("ratify", deal=deal, draws=DRAWS, **reading.how)
    return found.for_sharing() if reading.shared else found


def _unmet(first: Ratification) -> list[Example]:
    """The deals that pass most easily of those with a requirement that does not concern the first deal."""
    met = first.assembly.matches[:, first.deal]
    return [e for e in first.examples if not met[e.requirement]]


def _others(first: Ratification) -> list[int]:
    """For requirements that do not concern the first deal, the deal that passes most easily."""
    return list(dict.fromkeys(e.state for e in _unmet(first)))[: MOST_DEALS - 1]


def _rules(reading: Reading) -> str:
    case, block = reading.case, reading.case.file.ratification
    parts = [
        f"{reading.spoken(r.when.text)}: {needs_in_words(case, r.needs.node)}"
        for r in (block.requirements if block is not None else ())
    ]
    text = f"A deal may have to pass a vote. {'; '.join(parts)}. " if parts else "No deal has to pass a vote. "
    return f"{text}A deal that none of this concerns needs no vote." if parts else text.strip()


def _table(reading: Reading, found: list[Ratification]) -> Table:
    """The deals asked about and the outcomes shown elsewhere, with what each needs and its chance."""
    first = found[0]
    rows = [
        (f"{_named(reading, first, one)}: {reading.difference(one.deal)}", *_needed(first, one.deal)) for one in found
    ]
    asked = {one.deal for one in found}
    for number, outcome in enumerate(reading.outcomes.selected[:MOST_OUTCOMES]):
        if outcome.state not in asked:
            told = f"Outcome {number + 1}: {reading.difference(outcome.state)}"
            rows.append((told, *_needed(first, outcome.state)))
    return Table(("deal", "has to pass", "chance"), tuple(rows))


def _named(reading: Reading, first: Ratification, one: Ratification) -> str:
    """A deal by how it was found; what it changes from today stands in the table alone."""
    if one.chosen in PICKED:
        return PICKED[one.chosen]
    example = next(e for e in _unmet(first) if e.state == one.deal)
    block = reading.case.file.ratification
    kind = reading.spoken(block.requirements[example.requirement].when.text) if block is not None else "votes to pass"
    return f"Easiest deal with {kind}{' that nobody loses by' if example.acceptable else ''}"


def _needed(first: Ratification, state: int) -> tuple[str, str]:
    assembly = first.assembly
    needs = [n for n, m in zip(assembly.needs, assembly.matches[:, state], strict=True) if m]
    if not needs:
        return "nothing", "no vote needed"
    names = [body_name(assembly.case, b) for b in assembly.marks(needs)]
    return listed(names), percent(float(assembly.passage[state]))


def _caption(found: list[Ratification]) -> str:
    text = "Deals are told by what they change from today."
    if len(found) == 1:
        return text
    return f"After the first deal stand, for votes that it does not need, the deals that pass them most easily. {text}"


def _deal(one: Ratification, named: str, said: set[str]) -> Iterator[Block]:
    """One deal: its votes in a picture and in words, and what would carry it."""
    told: list[str] = []
    for line in (*votes(one, said), *obstacles(one)):
        if line.startswith("  ") and told[-1].startswith(CARRY):  # a list in a list: told in one item
            told[-1] = f"{told[-1].removesuffix('.')}{' ' if told[-1].endswith(':') else '; '}{line.strip()}"
        else:
            told.append(line.strip())
    name = f"The {named[0].lower()}{named[1:]}" if named.startswith("Easiest") else named
    yield Block(text=f"{name} would pass with a chance of {percent(one.passes)}.")
    if any(c.votes for c in one.bodies.values()):
        yield Block(picture=vote_bar(one), caption="How likely each number of yes votes is, against the number needed.")
    yield Block(items=tuple(told))


def _numbers(reading: Reading) -> Iterator[Block]:
    """Every number of the votes, who judged it and how sure it is; bodies with private ones left out."""
    case, block = reading.case, reading.case.file.ratification
    rows: list[tuple[str, ...]] = []
    rulers, sources, notes = [], list[str](), dict[str, str]()
    hidden = private_parts(case)[0] if reading.shared else frozenset()
    for name, body in (block.bodies if block is not None else {}).items():
        if name in hidden:
            continue
        rulers.append(len(rows))
        for what, value, evidence in _written(reading, name, body):
            head = body_name(case, name) if len(rows) == rulers[-1] else ""
            found = evidence or Evidence()
            note = _once(notes, found.note, body_name(case, name))
            who = (reading.person(found.by), SURE.get(found.sure or "", ""))
            rows.append((head, what, value, note, ", ".join(t for t in who if t), _mark(reading, sources, found)))
    heads = ("body", "number", "value", "what it says", "judged by", "source")
    yield Block(table=Table(heads, tuple(rows), rulers=tuple(rulers[1:])), caption="What the chances rest on.")
    if sources:
        yield Block(items=tuple(f"[{n}] {text}" for n, text in enumerate(sources, 1)))


def _once(notes: dict[str, str], note: str, body: str) -> str:
    """A note the first time, later where it stands."""
    first = notes.setdefault(note, "")
    if note and not first:
        notes[note] = body
        return note
    return "" if not note else "as above" if first == body else f"as for {first}"


def _mark(reading: Reading, sources: list[str], evidence: Evidence) -> str:
    """The number of a source in the list under the table."""
    if evidence.source is None:
        return ""
    text = reading.case.file.sources.get(evidence.source, evidence.source)
    if text not in sources:
        sources.append(text)
    return f"[{sources.index(text) + 1}]"


def _written(reading: Reading, name: str, body: Body) -> Iterator[tuple[str, str, Evidence | None]]:
    """(what, value, evidence) of every number of a body."""
    case = reading.case
    yield "votes needed", _told(body.quota.quantity), body.quota.evidence
    if body.votes is not None:
        yield "members", _told(body.votes.quantity), body.votes.evidence
    if body.blocs:
        yield from _parts(reading, "mood that all share", body.shock)
    for bloc, written in body.blocs.items():
        who = bloc_name(case, name, bloc)
        yield f"{who}: members", _told(written.votes.quantity), written.votes.evidence
        accepts = written.accepts.settled(case.file.options)
        if isinstance(accepts, Clause):
            yield f"{who}: in favour where", reading.spoken(accepts.text), accepts.evidence
        else:
            yield from _parts(reading, f"{who}: chance of yes", accepts)
        yield from _parts(reading, f"{who}: votes as one", written.cohesion)
    for veto in body.veto:
        held, who = veto.settled(case.file.parties), member_name(case, name, veto.member)
        if isinstance(held, str):
            evidence = veto.chance.default.evidence if veto.chance is not None else None
            yield f"{who}: can block", "if it gets less than without a deal", evidence
        else:
            yield from _parts(reading, f"{who}: does not block", held)


def _parts(reading: Reading, what: str, written: ConditionalAmount) -> Iterator[tuple[str, str, Evidence | None]]:
    """A number, and what it is where a condition holds; one that is written nowhere is left out."""
    if written.default.evidence is not None or str(written.default.quantity) != "0" or written.when:
        yield what, *_value(reading, written.default)
    for condition, amount in written.when:
        yield f"{what}, with {reading.spoken(condition.text)}", *_value(reading, amount)


def _value(reading: Reading, amount: Amount) -> tuple[str, Evidence | None]:
    """A number as written; a shared one with what it stands for."""
    quantity = amount.quantity
    if quantity.kind != "shared":
        return _told(quantity), amount.evidence
    behind = reading.case.file.numbers[quantity.name]
    return _told(behind.quantity), amount.evidence or behind.evidence


def _told(quantity: Quantity) -> str:
    """A number for readers: a range by its ends, and the likeliest value where one is written."""
    ends = f"{plain(quantity.numbers[0])} to {plain(quantity.numbers[-1])}" if quantity.numbers else ""
    if quantity.kind == "uniform":
        return ends
    return f"{ends}, most likely {plain(quantity.numbers[1])}" if quantity.kind == "triangular" else str(quantity)


def _summary(reading: Reading, found: list[Ratification]) -> Iterator[str]:
    """One line on the usual deal, one on each vote that it does not need."""
    first = found[0]
    if not first.requirements:
        named = f"{_named(reading, first, first)} ({reading.difference(first.deal)})"
        yield f"At home: {named[0].lower()}{named[1:]} needs no vote."
    else:
        closes = first.window.closes
        until = f", until {closes.day} {closes:%B %Y}" if closes is not None else ""
        bodies = listed([body_name(reading.case, b) for b in first.bodies])
        how = f"{percent(first.passes)}{until}"
        named = _named(reading, first, first)
        yield f"At home: {named[0].lower()}{named[1:]} passes {bodies} with a chance of {how}."
    for n in dict.fromkeys(e.requirement for e in _unmet(first)):
        chances = {e.acceptable: e for e in first.examples if e.requirement == n}
        best = chances.get(False) or chances[True]
        needs = [k for k, m in zip(first.assembly.needs, first.assembly.matches[:, best.state], strict=True) if m]
        bodies = listed([body_name(reading.case, b) for b in first.assembly.marks(needs)])
        written = reading.case.file.ratification
        kind = reading.spoken(written.requirements[n].when.text) if written is not None else ""
        among = f" ({percent(chances[True].passes)} of those that nobody loses by)" if len(chances) > 1 else ""
        yield f"A deal with {kind} has to pass {bodies}: at best {percent(best.passes)}{among}."
