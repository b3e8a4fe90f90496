"""What could all sides accept? The zone of agreement, its best deals and who gives what; or why there is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from detente.base.errors import UsageError
from detente.base.table import Table
from detente.base.wording import counted, listed, words
from detente.brief.document import Block, Section
from detente.brief.reading import Reading
from detente.inquiry.subtitle import taken_types
from detente.mechanics.payoffs import finder, lottery_chances
from detente.pictures.payoff_scatter import caption, payoff_scatter
from detente.settlement.drawn_narrative import asked, holds, picked_again, regret
from detente.settlement.named import (
    COMPARING,
    SHORT_NAMES,
    Named,
    exchange_table,
    in_words,
    named_deals,
    number,
    percent,
    usual_rules,
    worth_of,
)
from detente.settlement.narrative import mixtures, sentence_case, verdict
from detente.settlement.none_narrative import none_lines
from detente.settlement.result import RULE_NAMES, RULES, Settlement

TITLE = "What could all sides accept?"
DRAWS = 1000  # as many as the command line makes, so that both tell the same
WORTH_WORDS = 0.03  # what mixing has to add to be told


def section(reading: Reading) -> Section | None:
    """Verdict, picture, deals and what each side gives and gets; None where no preference is written."""
    if reading.mute:
        return None
    try:
        return _told(reading, reading.session.ask("settle", draws=DRAWS, rules=RULES, **reading.how))
    except UsageError as error:  # also where a merged state would have to be told as a deal
        return Section(TITLE, (Block(text=f"Not asked: {error.found}. Expected: {error.expected}. {error.fix}"),))


def _told(reading: Reading, found: Settlement) -> Section:
    named = named_deals(found, _rules(found))
    lead = _lead(reading, found)
    blocks = [Block(text=lead)]
    if reading.shared:
        if named:
            blocks.append(Block(table=exchange_table(found, named)))
        return Section(TITLE, tuple(blocks), (lead,))
    blocks += [Block(text=t) for t in _notes(found)]
    picture = payoff_scatter(found, named)
    if picture is not None:
        blocks.append(Block(picture=picture, caption=caption(found)))
    if found.no_zone is not None:
        blocks.append(Block(items=tuple(none_lines(found, found.no_zone))))
    if named:
        blocks += _deals(found, named)
    blocks += [Block(items=tuple(items)) for items in (list(_robust(found, named)),) if items]
    blocks += _views(reading, found)
    if line := _ratification(reading, found):
        blocks.append(Block(text=line))
    return Section(TITLE, tuple(blocks), tuple(_summary(found, named, lead)))


def _rules(found: Settlement) -> tuple[str, ...]:
    """Rules that compare utilities across parties only where the case says they can be; of orders the ordinal one."""
    return tuple(r for r in usual_rules(found) if found.bargain.comparable or r not in COMPARING)


# --- the verdict -----------------------------------------------------------------------------------------------------


def _lead(reading: Reading, found: Settlement) -> str:
    total = f"{len(found.deals):,}" if found.deals is not None else "the"
    size = found.zone_size or 0
    if found.bargain.unknown:
        text = verdict(found, shared=True)  # the share of draws follows
    elif found.verdict == "zone":
        some = "some are" if found.zone_size is None else "one is" if size == 1 else f"{size:,} are"
        text = (
            f"There is a zone of agreement. Of {total} possible deals {some} better than no deal for every party that"
        )
        text += " would have to accept it."
    elif found.verdict == "weak":
        text = (
            f"There is only a weak zone of agreement: no deal is better for all, but {counted(size, 'deal')} of {total}"
        )
        text += f" {'costs' if size == 1 else 'cost'} nobody anything and {'helps' if size == 1 else 'help'} somebody."
    else:
        text = (
            f"There is no zone of agreement: of {total} possible deals none helps anybody who must accept it without a"
        )
        text += " loss to another who must accept it."
    share = "" if reading.shared else holds(found)
    return " ".join(t for t in (text, _without(reading, found), share) if t)


def _without(reading: Reading, found: Settlement) -> str:
    """What no deal means."""
    spec = reading.case.file.disagreement
    if spec.lottery is None and spec.payoffs is None and spec.state in (None, "status_quo"):
        return "No deal means that today's state goes on."
    if reading.shared:
        return ""
    if spec.payoffs is not None:
        names = listed([reading.case.party_name(p) for p in spec.payoffs])
        return f"What {names} would have without a deal is written in the case."
    find = finder(reading.case, reading.graph.states)
    if spec.state is not None:
        return f"No deal means: {in_words(found, find(spec.state, 'disagreement.state'))}."
    chances = lottery_chances(reading.case, spec.lottery or ())
    parts = [
        f"{percent(float(c))} {in_words(found, find(t.state, f'disagreement.lottery[{n}].state'))}"
        for n, (t, c) in enumerate(zip(spec.lottery or (), chances, strict=True))
    ]
    return f"No deal means, as the case has it: {'; '.join(parts)}."


def _notes(found: Settlement) -> Iterator[str]:
    bargain = found.bargain
    names = bargain.case.party_name
    if bargain.owners:
        who = listed([names(p) for p in bargain.owners], "or")
        whose = "its acceptance" if len(bargain.owners) == 1 else "the acceptance of that party"
        yield f"A deal that changes an option of {who} needs {whose} too."
    if bargain.unknown:
        yield (
            f"Of {listed([names(p) for p in bargain.unknown])} only some comparisons are known: the answer leaves"
            f" {'it' if len(bargain.unknown) == 1 else 'them'} out, the draws do not."
        )
    if found.indifferent:
        yield f"{listed([names(p) for p in found.indifferent])} cannot gain by any deal that the others would accept."


# --- the deals -------------------------------------------------------------------------------------------------------


def _deals(found: Settlement, named: Sequence[Named]) -> Iterator[Block]:
    rules = [f"{n.letter}: {listed([_meaning(r) for r in n.rules])}" for n in named]
    yield Block(text="The deals that usual rules of fair division would pick among those acceptable to all:")
    yield Block(items=tuple(rules))
    yield Block(table=exchange_table(found, named))
    if len(named) > 1 and (common := _common(found, named)):
        yield Block(text=f"All of them have in common: {common}.")
    yield Block(table=_worth(found, named))


def _common(found: Settlement, named: Sequence[Named]) -> str:
    """What all named deals change alike from today."""
    case, today = found.bargain.case, found.bargain.status_quo
    parts = []
    for n, (option, written) in enumerate(case.file.options.items()):
        levels = {one.deal.levels[n] for one in named}
        if len(levels) == 1 and (today is None or today[n] not in levels):
            parts.append(f"{case.option_name(option)}: {words(written.levels[levels.pop()])}")
    return ", ".join(parts)


def _meaning(rule: str) -> str:
    """A rule in plain words, with its name."""
    if rule == "regret":
        return "least to regret in the worst draw of what is uncertain (smallest regret)"
    meaning = RULE_NAMES[rule].partition(" (")[2]
    return f"{meaning.rstrip(')')} ({SHORT_NAMES[rule]})"


def _worth(found: Settlement, named: Sequence[Named]) -> Table:
    """What each deal is worth: on the party's own scale, and as a part of the most it could gain."""
    bargain, drawn = found.bargain, found.drawn
    best = {p: max(c.gains[p] for c in found.frontier) for p in bargain.axes}
    others = [p for p in bargain.owners if any(p in n.deal.payoffs for n in named)]
    rows = []
    for one in named:
        worth = {**one.deal.affected, **one.deal.payoffs}
        cells = [_cell(found, p, worth[p], one.gains[p], best[p]) for p in bargain.axes]
        cells += [_cell(found, p, worth[p], None, None) for p in others]
        if drawn is not None and one.position is not None:
            cells += [percent(float(drawn.zone[one.position])), percent(float(drawn.frontier[one.position]))]
            cells.append(_again(found, one))
        rows.append((one.letter, *cells))
    zero = bargain.disagreement
    without = [_cell(found, p, zero[p], None, None) for p in (*bargain.axes, *others)]
    rows.append(("no\u00a0deal", *without, *([""] * 3 if drawn is not None else [])))
    heads = ["deal", *(bargain.case.party_name(p) for p in (*bargain.axes, *others))]
    if drawn is not None:
        heads += ["better for all", "cannot be bettered", "picked again"]
    note = _scales(found, (*bargain.axes, *others))
    if drawn is not None:
        note += (
            f" The last columns: in what share of {drawn.draws:,} draws of what is uncertain the deal is better than"
        )
        note += " no deal for all, no other is better for one and as good for all, and the same rule picks it again."
    return Table(tuple(heads), tuple(rows), note=note)


def _scales(found: Settlement, parties: Sequence[str]) -> str:
    """What the numbers in the table are."""
    orders = [p for p in parties if p in found.bargain.ordinal]
    if len(orders) == len(parties):
        return "Places in each party's order; no. 1 is best."
    text = (
        f"Worth per {found.bargain.case.file.period}, each on the party's own scale, not to be compared across parties;"
    )
    text += " in brackets, what it gains as a part of the most it could gain by a deal that nobody loses by."
    names = listed([found.bargain.case.party_name(p) for p in orders])
    return f"{text} For {names}: the place in its order, no. 1 being best." if orders else text


def _cell(found: Settlement, party: str, worth: Fraction, gain: Fraction | None, best: Fraction | None) -> str:
    part = f"\u00a0({100 * float(gain / best):.0f}\u00a0%)" if gain is not None and best else ""
    return worth_of(found, party, worth) + ("" if party in found.bargain.ordinal else part)


def _again(found: Settlement, one: Named) -> str:
    """In which share of the draws the rules pick the same deal again; their range where they differ."""
    drawn = found.drawn
    if drawn is None or one.position is None:
        return ""
    shares = [s for r in one.rules if (s := picked_again(drawn, one, r)) is not None]
    texts = list(dict.fromkeys(percent(s) for s in sorted(shares)))
    return "" if not texts else texts[0] if len(texts) == 1 else f"{texts[0].removesuffix(' %')} to {texts[-1]}"


def _robust(found: Settlement, named: Sequence[Named]) -> Iterator[str]:
    """Regret, lotteries, and what an order does not decide."""
    if found.drawn is not None and named:
        drawn = found.drawn
        picked = [s for n in named for r in n.rules if (s := picked_again(drawn, n, r)) is not None]
        if picked and max(picked) < 0.5:
            yield "What is uncertain does not decide between the deals: no rule picks the same in half of the draws."
        yield from regret(found, named)
    yield from mixtures(found, named, WORTH_WORDS)
    yield from asked(found, named)


# --- other readings, ratification ------------------------------------------------------------------------------------


def _views(reading: Reading, found: Settlement) -> Iterator[Block]:
    """The same question asked of every expert's view."""
    experts = [n for n, v in reading.case.written.file.views.items() if v.of is None]
    if reading.alone or not experts:
        return
    rule = _rules(found)[0]
    rows = [_row(reading, found, rule)]
    for name in experts:
        if name == reading.how["view"]:
            continue
        other = reading.seen_by(name)
        try:
            answer = other.session.ask("settle", draws=0, rules=("nash", "fallback"), **other.how)
            rows.append(_row(other, answer, rule))
        except UsageError as error:
            rows.append((_title(other), f"not asked: {error.found}", "", ""))
    if len(rows) > 1:
        yield Block(text="The same question, asked of each reading of the case:")
        heads = ("reading", "verdict", "deals", f"the deal by the rule {SHORT_NAMES[rule]}")
        yield Block(table=Table(heads, tuple(rows)), caption="Deals are told by what they change from today.")


def _title(reading: Reading) -> str:
    """Whose reading, and with which types."""
    kinds = taken_types(reading.case)
    return sentence_case(reading.name) + (f" ({'; '.join(kinds)})" if kinds else "")


def _row(reading: Reading, found: Settlement, rule: str) -> tuple[str, ...]:
    kinds = {"zone": "a zone of agreement", "weak": "a weak zone only", "none": "no zone"}
    told = "not decided" if found.bargain.unknown else kinds.get(found.verdict, "not decided")
    classes = found.points.get(rule, ())
    return (
        _title(reading),
        told,
        "" if found.zone_size is None else f"{found.zone_size:,}",
        in_words(found, classes[0].deals[0].levels) if classes else "none",
    )


def _ratification(reading: Reading, found: Settlement) -> str:
    """What it costs that deals have to pass at home, in one line."""
    if reading.case.file.ratification is None or found.verdict == "none":
        return ""
    passing: Settlement = reading.session.ask("settle_ratifiable", rules=("nash",), **reading.how)
    size, left = found.zone_size or 0, passing.zone_size or 0
    if passing.verdict == "none":
        return "No deal of the zone would pass at home with a chance of at least one half."
    if passing.verdict != found.verdict:
        text = f"None of the {size:,} deals of the zone would pass at home with a chance of at least one half"
        return f"{text}; what would pass is a weak zone, of {counted(left, 'deal')} that cost nobody anything."
    text = f"Of the {size:,} deals of the zone {left:,} would pass at home with a chance of at least one half"
    if left == size:
        return f"{text}: ratification costs nothing."
    now, then = found.points["nash"][0], passing.points["nash"][0]
    if now.deals[0].levels == then.deals[0].levels:
        return f"{text}; the deal with the largest product of gains is among them."
    names = found.bargain.case.party_name
    change = [f"{names(p)} {'loses' if now.gains[p] > g else 'gains'} {number(abs(now.gains[p] - g))}"
              for p, g in then.gains.items() if now.gains[p] != g]  # fmt: skip
    scales = ", each on its own scale" if len(change) > 1 else ""
    picked = in_words(passing, then.deals[0].levels)
    return f"{text}; by the largest product of gains the deal is then {picked} ({listed(change)}{scales})."


def _summary(found: Settlement, named: Sequence[Named], lead: str) -> Iterator[str]:
    yield lead
    if named:
        one = named[0]
        yield f"{sentence_case(_meaning(one.rules[0]))}: {in_words(found, one.deal.levels)}."
    elif found.no_zone is not None and found.no_zone.blocking:
        names = found.bargain.case.party_name
        yield f"In the way: {'; or '.join(listed([names(p) for p in s]) for s in found.no_zone.blocking[:3])}."
