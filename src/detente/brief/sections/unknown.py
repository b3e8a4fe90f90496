"""What is not known of the parties' preferences, and which outcomes hold all the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detente.base.errors import LimitReached
from detente.base.table import Table
from detente.base.wording import counted, listed
from detente.brief.document import Block, Section
from detente.brief.reading import Reading
from detente.brief.sections.preferences import in_words
from detente.graph.known import Known
from detente.inquiry.shares import DRAWN, Shares, ends, how_many, in_percent
from detente.stability.unknown import ATTITUDES, Unknown

MOST_PAIRS, MOST_ROWS = 6, 10
MANY_STATES, MANY_DRAWS, FEW_DRAWS = 5_000, 1_000, 200
SHOWN = ("nash", "seq")
AHEAD = {
    "nash": "If no party looks ahead (Nash stability)",
    "seq": "If each party looks one reply ahead (sequential stability)",
}


def section(reading: Reading) -> Section | None:
    """Unknown comparisons, the outcomes they decide, and how often those hold; None where all is known."""
    unsure = [p for p in reading.case.parties if _has_unknown(reading, p)]
    if not unsure:
        return None
    told = tuple(t for p in unsure for t in _not_known(reading, p))
    blocks = [Block(items=told)]
    title = "What is not known, and what it decides"
    try:
        shares = _shares(reading)
        attitudes: Unknown = reading.session.ask("unknown", **reading.how, concepts=SHOWN)
    except LimitReached as limit:
        blocks = [Block(text=INTRODUCTION), *blocks, Block(text=f"What it decides was not computed: {limit}")]
        return Section(title, tuple(blocks), ())
    blocks = [Block(text=_introduction(shares)), *blocks]
    verdicts = tuple(_verdict(reading, shares, c) for c in SHOWN)
    blocks.append(Block(items=verdicts))
    table = _table(reading, shares, attitudes)
    if table.rows:
        blocks.append(Block(table=table, caption=_caption(shares)))
        blocks += [Block(text=ATTITUDE_TEXT), Block(items=tuple(f"{a.id}: {a.meaning}" for a in ATTITUDES.values()))]
    return Section(title, tuple(blocks), verdicts[-1:])


def _introduction(shares: Shares) -> str:
    whole = " ".join(how_many(shares))
    ways = "orders" if shares.exact else f"{shares.draws:,} draws"
    return f"{INTRODUCTION} {whole} Counted below is in how many of these {ways} an outcome holds for every party."


INTRODUCTION = "Some comparisons are not known; together with those that are known they must form one order."
ATTITUDE_TEXT = (
    "A party may also not know such a comparison itself. The last column tells under which of four attitudes towards "
    "that an outcome holds, each party looking one reply ahead, if all of them share the attitude:"
)


def _has_unknown(reading: Reading, party: str) -> bool:
    forms = reading.case.preference(party)
    return forms is not None and (forms.partial is not None or bool(forms.unknown))


def _not_known(reading: Reading, party: str) -> list[str]:
    """The comparisons that are unknown, in words."""
    forms, name = reading.case.preference(party), reading.case.party_name(party)
    if forms is None or forms.partial is not None:
        known = Known.of(reading.case, reading.graph.states, party, None)
        total = len(known) * (len(known) - 1) // 2
        if not forms or not forms.partial:
            return [f"{name}: nothing is known of what it prefers."]
        few = f"{name}: beyond the comparisons listed above, and what follows from them, nothing is known"
        return [f"{few}; {known.unknown_pairs:,} of {total:,} pairs of outcomes are open."]
    told = [
        f"{name}: it is not known how it compares {in_words(reading, a.text)} with {in_words(reading, b.text)}."
        for a, b in forms.unknown[:MOST_PAIRS]
    ]
    left = len(forms.unknown) - MOST_PAIRS
    return [*told, f"{name}: {left} more comparisons are not known."] if left > 0 else told


def _shares(reading: Reading) -> Shares:
    draws = MANY_DRAWS if len(reading.graph) <= MANY_STATES else FEW_DRAWS
    found: Shares = reading.session.ask("shares", **reading.how, concepts=SHOWN, draws=draws)
    return found


def _verdict(reading: Reading, shares: Shares, concept: str) -> str:
    """What holds in all ways, in some and in none."""
    held = shares.held[concept]
    always, some = np.flatnonzero(held == shares.draws), np.flatnonzero((held > 0) & (held < shares.draws))
    never = len(held) - len(always) - len(some)
    whole = "whatever the unknown comparisons are" if shares.exact else f"in all {shares.draws:,} draws"
    one, many = ("depends on them", "depend on them") if shares.exact else ("holds in some", "hold in some")
    no_way = f"none of the {shares.draws:,} {'orders' if shares.exact else 'draws'}"
    parts = [
        f"{counted(len(always), 'outcome holds', 'outcomes hold')} {whole}{_named(reading, always)}",
        f"{_many(len(some), one, many)}{_named(reading, some)}",
        f"{_many(never, 'holds', 'hold')} in {no_way}",
    ]
    return f"{AHEAD[concept]}, {listed(parts)}."


def _many(number: int, one: str, many: str) -> str:
    return counted(number, one, many) if number else f"none {one}"


def _named(reading: Reading, states: Sequence[int] | np.ndarray, most: int = 4) -> str:
    if not 0 < len(states) <= most:
        return ""
    return f" ({'; '.join(reading.label(int(s)) for s in states)})"


def _table(reading: Reading, shares: Shares, attitudes: Unknown) -> Table:
    """Today, the outcomes shown and the states that hold most often."""
    held = [shares.held[c] for c in SHOWN]
    order = np.argsort(-(held[1] * (shares.draws + 1) + held[0]), kind="stable")
    start = reading.status_quo.start
    first = [] if start is None else [start]
    wanted = [*first, *(o.state for o in reading.outcomes.selected), *(int(s) for s in order[:MOST_ROWS])]
    chosen = [s for s in dict.fromkeys(wanted) if s == start or any(h[s] for h in held)][:MOST_ROWS]
    rows = []
    for state in chosen:
        cells = [_share(shares, c, state) for c in SHOWN]
        under = [a for a in ATTITUDES if attitudes.equilibrium[a]["seq"][state]]
        which = "all four" if len(under) == len(ATTITUDES) else listed(under) if under else "none"
        label = reading.label(state)
        rows.append((label[0].upper() + label[1:], *cells, which))
    heads = ("outcome", "holds if no party looks ahead", "holds if each looks one reply ahead", "attitudes")
    return Table(heads, tuple(rows))


def _share(shares: Shares, concept: str, state: int) -> str:
    share, low, high = shares.share(concept, state)
    if shares.exact:
        return in_percent(share)
    return f"{in_percent(share)} ({ends(low, high)})"


def _caption(shares: Shares) -> str:
    if shares.exact:
        return f"Shares of the {shares.draws:,} orders that agree with what is known, all counted."
    numbers = " and of the uncertain numbers" if any(m == DRAWN for m in shares.method.values()) else ""
    return (
        f"Shares of {shares.draws:,} draws of the orders that agree with what is known{numbers}; in brackets the 95 % "
        "interval."
    )
