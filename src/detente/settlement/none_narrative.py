"""Why there is no zone of agreement and what would open one, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from detente.base.wording import counted, listed, words
from detente.settlement.listing import mixed_deals, nearest_deals
from detente.settlement.named import also_needs, in_words, number, percent
from detente.settlement.no_zone import Nearest, NoZone
from detente.settlement.result import Deal, Settlement

MOST_SETS_SHOWN = 4


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
    leaves = "it what it has" if [len(s) for s in report.blocking] == [1] else "them what they have"
    out.append(f"Who stands in the way: {who} (no deal that somebody gains by leaves {leaves} without one).")
    for party, fall in (report.falls or {}).items():
        if fall is not None:
            out.append(_fall(found, party, fall.amount))
    out.append(_chance(found, report))
    out.append(_payment(found, report))
    return [t for t in (*out, *_lifting(found, report)) if t]


# --- parts -----------------------------------------------------------------------------------------------------------


def _name(found: Settlement, party: str) -> str:
    return found.bargain.case.party_name(party)


def _concession(found: Settlement, report: NoZone) -> str:
    if report.uniform is None or report.total is None:
        return ""
    deal = nearest_deals(found, report.uniform, 1)[0]
    zero, ordinal = found.bargain.disagreement, found.bargain.ordinal
    losses = [
        f"{_name(found, p)} {_loss(found, p, zero[p] - v)}" for p, v in deal.payoffs.items() if v < zero[p]
    ]  # fmt: skip
    told = f"{in_words(found, deal.levels)}{also_needs(found, deal)}{_alone(found, deal)}"
    if ordinal & set(found.bargain.voices):
        text = f"If the steps of an order count alike, the deal that comes closest is: {told}."
        return f"{text} It would cost {listed(losses)}."
    most = f"{100 * float(report.uniform.amount):.3g} %"
    scales = ", each on its own scale" if len(losses) > 1 else ""
    return (
        f"The deal that comes closest asks nobody to give up more than {most} of what is at stake for it: {told}."
        f" It would cost {listed(losses)}{scales}."
        f" All losses together come to at least {100 * float(report.total.amount):.3g} % of a stake."
    )


def _loss(found: Settlement, party: str, amount: Fraction) -> str:
    """A loss on a party's own scale; of an order in places."""
    if party not in found.bargain.ordinal:
        return number(amount)
    places = amount * found.bargain.payoffs[party].denominator
    return counted(int(places), "place") if places.denominator == 1 else f"{number(places)} places"


def _fall(found: Settlement, party: str, amount: Fraction) -> str:
    if party in found.bargain.ordinal:
        text = f"Were no deal {_loss(found, party, amount)} lower in the order of {_name(found, party)} alone"
        return f"{text}, a deal acceptable to all would exist."
    text = f"{number(amount)} on its own scale"
    return f"If {_name(found, party)} alone had {text} less without a deal, a deal acceptable to all would exist."


def _chance(found: Settlement, report: NoZone) -> str:
    if found.bargain.ordinal & set(found.bargain.voices):
        return (
            "Whether a lottery over deals would do depends on how strongly each prefers, which an order does not tell."
        )
    if report.mixture is None:
        return "No lottery over deals and no taking turns would be acceptable to all either."
    deals = mixed_deals(found, report.mixture)
    parts = [f"{percent(float(share))} {in_words(found, deal.levels)}" for deal, share in deals]
    return f"A lottery, or taking turns, would be acceptable to all on average: {'; '.join(parts)}."


def _payment(found: Settlement, report: NoZone) -> str:
    if report.subsidy is None:
        names = listed([_name(found, p) for p in report.money_missing])
        return f"Whether payments would help was not asked: what money is worth to {names} is not written."
    if report.surplus is None:
        return ""
    return _paid(found, report.surplus)


def _paid(found: Settlement, surplus: Nearest) -> str:
    """Who would pay whom how much for the deal that is worth most in money."""
    bargain = found.bargain
    deal = nearest_deals(found, surplus, 1)[0]
    worth = {p: (v - bargain.disagreement[p]) / bargain.money[p] for p, v in deal.payoffs.items()}
    need, give = {p: -w for p, w in worth.items() if w < 0}, {p: w for p, w in worth.items() if w > 0}
    told, period = in_words(found, deal.levels), f"per {bargain.case.file.period}"
    if surplus.amount >= 0 and len(need) == len(give) == 1:
        (taker, low), (payer, high) = next(iter(need.items())), next(iter(give.items()))
        text = f"If {_name(found, payer)} paid {_name(found, taker)}"
        if low == high:
            return f"{text} {number(low)} {period} for {told}, neither would lose."
        return f"{text} between {number(low)} and {number(high)} {period} for {told}, both would gain."
    asks = [f"{_name(found, p)} would need at least {number(v)}" for p, v in need.items()]
    gifts = [f"{_name(found, p)} could pay up to {number(v)}" for p, v in give.items()]
    detail = f"for {told} {listed([*asks, *gifts])} {period}"
    if surplus.amount >= 0:
        return f"With payments among the parties a deal would be acceptable to all: {detail}."
    return f"With payments among them the parties would still be {number(-surplus.amount)} short in money: {detail}."


def _alone(found: Settlement, deal: Deal) -> str:
    """That one party could bring a deal about without any other."""
    today, options = found.bargain.status_quo, list(found.bargain.case.file.options.values())
    if today is None:
        return ""
    movers = {w.party for w, now, then in zip(options, today, deal.levels, strict=True) if now != then}
    return f" ({_name(found, movers.pop())} could do this alone)" if len(movers) == 1 else ""


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
