"""The draws in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from detente.base.wording import listed
from detente.settlement.drawn import DECIDED, InDraws
from detente.settlement.drawn_ask import Ask
from detente.settlement.drawn_gains import CERTAIN, COMPLETION, ORDER, UTILITY
from detente.settlement.drawn_listing import deal_at
from detente.settlement.named import SHORT_NAMES, Named, in_words, percent
from detente.settlement.result import Settlement

VERDICTS = {
    "zone": "some deal is better for all than none",
    "weak": "some deal costs nobody anything and helps somebody, but none helps all",
    "none": "no deal helps anybody without a loss to another who must accept it",
}


def draw_lines(found: Settlement, named: Sequence[Named]) -> list[str]:
    """What the draws say of the verdict and the named deals, and what to ask where an order does not decide."""
    drawn = found.drawn
    if drawn is None:
        return []
    out = [f"{_what(found, drawn)} ({drawn.draws:,} draws, seed {drawn.seed})."]
    out.append(holds(found))
    out += [f"  {one.letter}: {text}." for one in named if (text := fares(drawn, one))]
    return [*out, *regret(found, named), *asked(found, named)]


def _what(found: Settlement, drawn: InDraws) -> str:
    names = found.bargain.case.party_name
    told = []
    utilities = [names(p) for p, k in drawn.kinds.items() if k == UTILITY]
    orders = [names(p) for p, k in drawn.kinds.items() if k == ORDER]
    open_ = [names(p) for p, k in drawn.kinds.items() if k == COMPLETION]
    if utilities:
        told.append(f"the uncertain numbers of {listed(utilities)}")
    if orders:
        told.append(f"utilities that fit the order of {listed(orders)}")
    if open_:
        told.append(f"orders, and utilities, that fit what is known of {listed(open_)}")
    return f"Drawn were {'; '.join(told) or 'the uncertain numbers of what happens without a deal'}"


def holds(found: Settlement) -> str:
    """In what share of draws the verdict is the same, and what it is otherwise."""
    drawn = found.drawn
    if drawn is None or found.verdict not in VERDICTS:
        return ""
    share = percent(drawn.verdicts[found.verdict])
    text = f"That {VERDICTS[found.verdict]} holds in {share} of {drawn.draws:,} draws{of_what(drawn)}"
    others = [f"in {percent(s)} {VERDICTS[v]}" for v, s in drawn.verdicts.items() if v != found.verdict and s]
    return f"{text}; {'; '.join(others)}." if others else f"{text}."


def of_what(drawn: InDraws) -> str:
    """What is drawn, in a few words."""
    kinds = set(drawn.kinds.values())
    parts = ["the uncertain numbers"] if UTILITY in kinds or kinds == {CERTAIN} else []
    parts += ["utilities that fit the orders"] if kinds & {ORDER, COMPLETION} else []
    return f" of {' and of '.join(parts)}"


def fares(drawn: InDraws, one: Named) -> str:
    """How one deal fares."""
    if one.position is None:
        return ""
    better = percent(float(drawn.zone[one.position]))
    picked = {r: s for r in one.rules if (s := picked_again(drawn, one, r)) is not None}
    told = [f"{SHORT_NAMES[r]} {percent(s)}" for r, s in picked.items()]
    if len(set(picked.values())) == 1 and len(picked) > 1:
        told = [f"{percent(next(iter(picked.values())))} by each of these rules"]
    first = f"better than no deal for all in {better} of draws"
    front = percent(float(drawn.frontier[one.position]))
    rest = f"; picked again, alone or with others, in: {', '.join(told)}" if told else ""
    return f"{first}, and not to be improved on for all in {front}{rest}"


def picked_again(drawn: InDraws, one: Named, rule: str) -> float | None:
    """In which share of draws a rule that picks a deal picks it again, alone or among others."""
    return None if one.position is None else drawn.again.get(rule, {}).get(one.position)


def regret(found: Settlement, named: Sequence[Named]) -> Iterator[str]:
    """The deal of smallest largest regret; nothing where that is to have no deal."""
    drawn = found.drawn
    letter = next((n.letter for n in named if "regret" in n.rules), None)
    if drawn is None or found.verdict not in ("zone", "weak") or letter is None:
        return
    tied = len(drawn.regret.deals)
    more = f", as {'does one other' if tied == 2 else f'do {tied - 1:,} others'}" if tied > 1 else ""
    costs = [f"{found.bargain.case.party_name(p)} {percent(float(v))}" for p, v in drawn.regret.of_party.items()]
    text = (
        f"Deal {letter} leaves the smallest largest regret{more}: in the worst of these {drawn.draws:,} draws, against"
    )
    whose = (
        " for each" if len(costs) > 1 else f" for {found.bargain.case.party_name(next(iter(drawn.regret.of_party)))}"
    )
    yield f"{text} the best acceptable deal of the draw, {listed(costs)} of what is at stake{whose}."


def asked(found: Settlement, named: Sequence[Named], rules: Sequence[str] | None = None) -> Iterator[str]:
    """What an order does not decide, and which comparison would: of the verdict, and of what the rules pick.

    Args:
        found: the answer.
        named: the deals with letters; a rule that picks none of them is not told of.
        rules: only these.
    """
    drawn = found.drawn
    if drawn is None:
        return
    shown = {r for n in named for r in n.rules} if rules is None else set(rules)
    picks = [a for a in drawn.asks if a.about in shown]
    for asks in ([a for a in drawn.asks if a.about == "verdict"], picks):
        if not asks:
            continue
        best = max(asks, key=lambda a: abs(a.yes - a.no))
        names = [SHORT_NAMES[a.about] for a in asks if a.about != "verdict"]
        about = f"What the {names[0]} rule picks" if len(names) == 1 else f"What the rules {listed(names)} pick"
        low, high = (f(a.share for a in asks) for f in (min, max))
        spread = percent(high) if percent(low) == percent(high) else f"{100 * low:.0f} to {percent(high)}"
        known = "what is known of the orders" if COMPLETION in drawn.kinds.values() else "the ranking"
        text = f"{about if names else 'The verdict'} is not decided by {known}"
        told = f"{text} (draws agree in {spread}, less than {percent(DECIDED)})"
        yield f"{told}. {question(found, best, SHORT_NAMES[best.about] if len(names) > 1 else '')}"


def question(found: Settlement, ask: Ask, rule: str = "") -> str:
    """The comparison to ask for, and what either answer would do, to one rule of several where it is given."""
    if ask.party is None:
        return "No comparison of two of the deals shown tells the draws apart."
    name = found.bargain.case.party_name(ask.party)
    first, second = (_deal(found, n) for n in (ask.first, ask.second))
    if ask.ratio is None:
        text = f"Ask {name} whether it prefers ({first}) to ({second})"
    else:
        part = percent(ask.ratio)
        text = f"Ask {name} whether ({first}) is worth at least {part} of the way from no deal to ({second})"
    which = f" by the {rule} rule" if rule else ""
    return f"{text}: if so, {percent(ask.yes)} of draws agree{which}, otherwise {percent(ask.no)}."


def _deal(found: Settlement, position: int | None) -> str:
    return "no deal" if position is None else in_words(found, deal_at(found, position).levels)
