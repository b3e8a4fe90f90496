"""The answer in sentences, for the terminal and the brief."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from detente.base.wording import counted, listed, words
from detente.mechanics.payoffs import Levels
from detente.settlement.listing import mixed_deals, nearest_deals
from detente.settlement.no_zone import NoZone
from detente.settlement.result import RULE_NAMES, Deal, PayoffClass, Settlement

MOST_SHOWN = 3
WORTH_TELLING = 0.0005  # what mixing adds, as a share
MOST_SETS_SHOWN = 4


def lines(found: Settlement) -> list[str]:
    """Verdict, points and what else is known; for an empty zone, why and what would open one."""
    out = [f"{found.bargain.case.title}: {_verdict(found)}"]
    out += [f"note: {w}" for w in found.provenance.warnings]
    out += _found(found)
    out += ["", *_without(found)]
    if found.no_zone is not None:
        return [*out, "", *none_lines(found, found.no_zone)]
    if found.indifferent:
        names = listed([_name(found, p) for p in found.indifferent])
        out.append(
            f"{names} cannot get more than without a deal from any acceptable one, and is left out of the rules."
        )
    out.append(_frontier(found))
    out += ["", *_points(found)]
    out += _mixtures(found)
    return [*out, *_winner(found)]


def none_lines(found: Settlement, report: NoZone) -> list[str]:
    """Why there is no zone, how far apart the parties are, and what would open one."""
    if not report.possible:
        return [
            "No deal at all may be agreed on: what is required of a deal rules out every state.",
            *_lifting(found, report),
        ]
    if report.gaining == 0:
        return ["No deal gives anybody more than it has without one.", *_lifting(found, report)]
    out = [_concession(found, report)]
    sets = [listed([_name(found, p) for p in s]) for s in report.blocking]
    who = "; or ".join(sets[:MOST_SETS_SHOWN])
    out.append(f"Who stands in the way: {who} (no deal that somebody gains by leaves them what they have without one).")
    for party, fall in (report.falls or {}).items():
        if fall is not None:
            out.append(_fall(found, party, fall.amount))
    out.append(_chance(found, report))
    out.append(_payment(found, report))
    return [t for t in (*out, *_lifting(found, report)) if t]


def in_words(found: Settlement, levels: Levels) -> str:
    """A deal by what it changes from today; by every option where there is no today."""
    case, today = found.bargain.case, found.bargain.status_quo
    parts = [
        f"{case.option_name(option)}: {words(written.levels[level])}"
        for n, ((option, written), level) in enumerate(zip(case.file.options.items(), levels, strict=True))
        if today is None or level != today[n]
    ]
    return ", ".join(parts) or "everything as today"


# --- parts -----------------------------------------------------------------------------------------------------------


def _found(found: Settlement) -> Iterator[str]:
    """How the deals were found, where not simply by looking at each, and what a limit of time left open."""
    if found.method == "merge":
        yield "The deals are too many to list; option by option, only what can still be best was kept, all of it."
    elif found.method == "milp":
        text = "The deals are too many to list; the best were found by integer programming"
        widest = max((gap for _, gap in (found.bound or {}).values()), default=0.0)
        yield f"{text}, and proven to be the best." if not found.unproven and widest < 1e-4 else f"{text}."
    if found.unproven:
        text = f"Not settled within the limit of time and of the solver's precision: {'; '.join(found.unproven)}"
        yield f"{text}. What is given is the best found so far."


def _frontier(found: Settlement) -> str:
    classes = len(found.frontier)
    if found.partial:
        text = f"{sentence_case(counted(classes, 'way'))} of sharing that no other improves on for all were found"
        if found.uncovered is None:
            return f"{text}; there can be more."
        part = f"{100 * float(found.uncovered):.2g} % of the area that what is at stake for the two spans"
        return f"{text}; any others lie in gaps that make up {part}."
    if classes == 1:
        return "One way of sharing is as good or better for all than any other."
    return f"{sentence_case(counted(classes, 'way'))} of sharing can only be improved on for one at another's cost."


def _verdict(found: Settlement) -> str:
    if found.verdict == "undecided":
        return "whether there is a zone of agreement was not decided in the time given"
    size = "" if found.zone_size is None else f" ({counted(found.zone_size, 'deal')})"
    if found.verdict == "zone":
        return f"there is a zone of agreement: some deals are better than no deal for all who must accept them{size}"
    if found.verdict == "weak":
        return f"there is only a weak zone: some deals cost nobody anything and help somebody, none helps all{size}"
    return "there is no zone of agreement: no deal helps anybody who must accept it without a loss to another"


def _name(found: Settlement, party: str) -> str:
    return found.bargain.case.party_name(party)


def _number(value: Fraction | float) -> str:
    return f"{float(value):.4g}".replace("-", "−")


def _without(found: Settlement) -> Iterator[str]:
    values = [f"{_name(found, p)} {_number(found.bargain.disagreement[p])}" for p in found.bargain.voices]
    scale = "per period, each on its own scale"
    if found.bargain.ordinal & set(found.bargain.voices):
        scale += "; from 0, its worst, to 1, its best, where only an order is known"
    yield f"Without a deal: {', '.join(values)} ({scale})."


def _points(found: Settlement) -> Iterator[str]:
    """Rules that pick the same deals are told together."""
    groups: dict[tuple[int, ...], list[str]] = {}
    by_key: dict[tuple[int, ...], tuple[PayoffClass, ...]] = {}
    for rule, classes in found.points.items():
        key = tuple(sorted(id(c) for c in classes))
        groups.setdefault(key, []).append(RULE_NAMES[rule])
        by_key.setdefault(key, classes)
    for key, rules in groups.items():
        classes = by_key[key]
        tied = f", {counted(len(classes), 'tied way')} of sharing" if len(classes) > 1 else ""
        yield f"{sentence_case('; '.join(rules))}{tied}:"
        for one in classes[:MOST_SHOWN]:
            yield from _class(found, one)
        if len(classes) > MOST_SHOWN:
            yield f"  and {len(classes) - MOST_SHOWN} more"


def sentence_case(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def _class(found: Settlement, one: PayoffClass) -> Iterator[str]:
    payoffs = [f"{_name(found, p)} {_number(found.bargain.disagreement[p] + g)}" for p, g in one.gains.items()]
    yield f"  {', '.join(payoffs)}"
    for deal in one.deals[:MOST_SHOWN]:
        yield f"    {in_words(found, deal.levels)}{_others(found, deal)}"
    if one.count is not None and one.count > MOST_SHOWN:
        yield f"    and {one.count - MOST_SHOWN:,} more deals worth the same"


def _others(found: Settlement, deal: Deal) -> str:
    asked = [p for p in deal.payoffs if p in found.bargain.owners]
    return f" (also needs {listed([_name(found, p) for p in asked])})" if asked else ""


def _mixtures(found: Settlement) -> Iterator[str]:
    for rule, lottery in found.lottery.items():
        if lottery.adds < WORTH_TELLING:
            continue
        parts = [f"{100 * s:.0f} % {in_words(found, found.frontier[n].deals[0].levels)}" for n, s in lottery.shares]
        name = RULE_NAMES[rule].split(" (")[0]
        better = f"{100 * lottery.adds:.1f} % better"
        yield f"By lot or by taking turns, the {name} rule could do {better}: {'; '.join(parts)}."


def _winner(found: Settlement) -> Iterator[str]:
    winner = found.adjusted_winner
    if winner is None or not winner.fits:
        return
    case = found.bargain.case
    parts = []
    for item in winner.items:
        to = [
            f"{_name(found, p)} {100 * float(s):.0f} %"
            for p, s in zip(winner.parties, (item.share, 1 - item.share), strict=True)
            if s
        ]
        parts.append(f"{case.option_name(item.option)} to {listed(to)}")
    yield f"Adjusted Winner, {_number(winner.total)} of 100 points to each: {'; '.join(parts)}."


def _concession(found: Settlement, report: NoZone) -> str:
    if report.uniform is None or report.total is None:
        return ""
    deal = nearest_deals(found, report.uniform, 1)[0]
    zero, ordinal = found.bargain.disagreement, found.bargain.ordinal
    losses = [
        f"{_name(found, p)} {_loss(found, p, zero[p] - v)}" for p, v in deal.payoffs.items() if v < zero[p]
    ]  # fmt: skip
    told = f"{in_words(found, deal.levels)}{_others(found, deal)}"
    if ordinal & set(found.bargain.voices):
        text = f"If the steps of an order count alike, the deal that comes closest is: {told}."
        return f"{text} It would cost {listed(losses)}."
    percent = f"{100 * float(report.uniform.amount):.3g} %"
    return (
        f"The deal that comes closest asks nobody to give up more than {percent} of what is at stake for it: {told}."
        f" It would cost {listed(losses)}, each on its own scale."
        f" All losses together come to at least {100 * float(report.total.amount):.3g} % of a stake."
    )


def _loss(found: Settlement, party: str, amount: Fraction) -> str:
    """A loss on a party's own scale; of an order in places."""
    if party not in found.bargain.ordinal:
        return _number(amount)
    places = amount * found.bargain.payoffs[party].denominator
    return counted(int(places), "place") if places.denominator == 1 else f"{_number(places)} places"


def _fall(found: Settlement, party: str, amount: Fraction) -> str:
    if party in found.bargain.ordinal:
        text = f"Were no deal {_loss(found, party, amount)} lower in the order of {_name(found, party)} alone"
        return f"{text}, a deal acceptable to all would exist."
    text = f"{_number(amount)} on its own scale"
    return f"If {_name(found, party)} alone had {text} less without a deal, a deal acceptable to all would exist."


def _chance(found: Settlement, report: NoZone) -> str:
    if found.bargain.ordinal & set(found.bargain.voices):
        return (
            "Whether a lottery over deals would do depends on how strongly each prefers, which an order does not tell."
        )
    if report.mixture is None:
        return "No lottery over deals and no taking turns would be acceptable to all either."
    deals = mixed_deals(found, report.mixture)
    parts = [f"{100 * float(share):.0f} % {in_words(found, deal.levels)}" for deal, share in deals]
    return f"A lottery, or taking turns, would be acceptable to all on average: {'; '.join(parts)}."


def _payment(found: Settlement, report: NoZone) -> str:
    if report.subsidy is None:
        names = listed([_name(found, p) for p in report.money_missing])
        return f"Whether payments would help was not asked: what money is worth to {names} is not written."
    if report.subsidy == 0:
        return "With payments among the parties a deal would be acceptable to all."
    return f"With payments among them the parties would still be {_number(report.subsidy)} short in money."


def _lifting(found: Settlement, report: NoZone) -> Iterator[str]:
    conditions = report.conditions
    if conditions is not None and not conditions.asked:
        yield f"Whether lifting a condition would help was not asked: {conditions.reason}."
    elif conditions is not None:
        for opened in conditions.opens[:MOST_SETS_SHOWN]:
            texts = listed([f"'{found.condition_text(n)}'" for n in opened.lifted])
            yield f"Were {texts} possible, there would be one: {in_words(found, opened.levels)}."
    for level in report.levels or ():
        name = found.bargain.case.option_name(level.option)
        place = f"between {words(level.below)} and {words(level.above)} ({100 * float(level.share):.0f} % of the way)"
        rest = dict(zip(found.bargain.space.options, level.levels, strict=True))
        other = in_words(found, tuple(rest.values()))
        yield f"A new level of {name} {place} would open one, with {other} otherwise."
