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
    "none": "no deal helps anybody without a loss to another",
}


def draw_lines(found: Settlement, named: Sequence[Named]) -> list[str]:
    """What the draws say of the verdict and the named deals, and what to ask where an order does not decide."""
    drawn = found.drawn
    if drawn is None:
        return []
    out = [f"{_what(found, drawn)} ({drawn.draws:,} draws, seed {drawn.seed})."]
    out.append(holds(found))
    out += [f"  {one.letter}: {text}." for one in named if (text := fares(drawn, one))]
    return [*out, *regret(found, named), *asked(found)]


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
    picked = [(r, float(drawn.chosen[r][one.position])) for r in one.rules if r in drawn.chosen]
    told = [f"{SHORT_NAMES[r]} {percent(s)}" for r, s in picked]
    first = f"better than no deal for all in {better} of draws"
    front = percent(float(drawn.frontier[one.position]))
    rest = f"; picked again in: {', '.join(told)}" if told else ""
    return f"{first}, and not to be improved on for all in {front}{rest}"


def regret(found: Settlement, named: Sequence[Named]) -> Iterator[str]:
    """The deal of smallest largest regret."""
    drawn = found.drawn
    if drawn is None or found.verdict not in ("zone", "weak"):
        return
    letter = next((n.letter for n in named if "regret" in n.rules), None)
    what = f"Deal {letter}" if letter else in_words(found, deal_at(found, int(drawn.regret.deals[0])).levels)
    tied = len(drawn.regret.deals)
    more = f", as do {tied - 1:,} others" if tied > 1 else ""
    costs = [f"{found.bargain.case.party_name(p)} {percent(float(v))}" for p, v in drawn.regret.of_party.items()]
    text = f"{what} leaves the smallest largest regret{more}: at worst, against the best acceptable deal of the draw,"
    yield f"{text} {listed(costs)} of what is at stake for each."


def asked(found: Settlement, asks: Sequence[Ask] | None = None) -> Iterator[str]:
    """What an order does not decide, and which comparison would; all of it, or some."""
    drawn = found.drawn
    if asks is None:
        asks = drawn.asks if drawn is not None else ()
    for ask in asks:
        about = "The verdict" if ask.about == "verdict" else f"What {SHORT_NAMES[ask.about]} picks"
        text = f"{about} is not decided by the ranking (draws agree in {percent(ask.share)}, less than {DECIDED:.0%})"
        yield f"{text.replace('%)', ' %)')}. {question(found, ask)}"


def question(found: Settlement, ask: Ask) -> str:
    """The comparison to ask for, and what either answer would do."""
    if ask.party is None:
        return "No comparison of two of the deals shown tells the draws apart."
    name = found.bargain.case.party_name(ask.party)
    first, second = (_deal(found, n) for n in (ask.first, ask.second))
    if ask.ratio is None:
        text = f"Ask {name} whether it prefers ({first}) to ({second})"
    else:
        part = percent(ask.ratio)
        text = f"Ask {name} whether ({first}) is worth at least {part} of the way from no deal to ({second})"
    return f"{text}: if so, {percent(ask.yes)} of draws agree, otherwise {percent(ask.no)}."


def _deal(found: Settlement, position: int | None) -> str:
    return "no deal" if position is None else in_words(found, deal_at(found, position).levels)
