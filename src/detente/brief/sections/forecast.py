"""What can we expect of the next round? Chances in every reading, over time, what drives them, what to watch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from detente.base.errors import CaseError, LimitReached, UsageError
from detente.base.table import Table
from detente.base.wording import likelihood, listed, percent, sentence
from detente.brief.document import Block, Section
from detente.brief.reading import Reading
from detente.forecast.narrative import (
    behind,
    compared,
    confidence,
    drivers,
    future_name,
    headline,
    record,
    when_text,
)
from detente.forecast.result import Forecast
from detente.forecast.wording import day, event_text, sign_text
from detente.pictures.forecast_bars import forecast_bars
from detente.pictures.forecast_fan import forecast_fan
from detente.pictures.forecast_tornado import forecast_tornado, swings

TITLE = "What can we expect of the next round?"
OTHERS, FEW_OTHERS = (
    100,
    6,
)  # draws of each expert's view beside the reading told; in a case so large that one takes long
LARGE = 2_000  # states
FAR = 0.25  # from the base rate
CONCEPT = re.compile(r"\((?:nash|gmr|smr|seq|sseq): ([^)]*)\)")
MOST_SIGNS = 6
NOT_ASKED = (UsageError, CaseError, LimitReached)
BARS = (
    "Box: what the inputs leave open (nine in ten draws). Heavy line across it: the chance. Triangle: how often such"
    " things have happened before, where the case says so."
)
FAN = "Line and dots: the chance by each date. Area: what the inputs leave open (nine in ten draws)."
TORNADO = (
    "Each bar: the chance of the likeliest outcome with this input low (open circle) and high (full circle), at its"
    " 10th and 90th percentile or type by type, the rest uncertain as before. Dashed line: the chance as forecast."
)
ALONE = (
    "Each bar: the chance of the likeliest outcome with this input alone moved from low (open circle, its 10th"
    " percentile) to high (full circle, its 90th), or from type to type, everything else at its point value (dashed"
    " line). The case is large: not every input was moved."
)


def section(reading: Reading) -> Section | None:
    """Chances and what they rest on; None without a forecast in the case."""
    if reading.mute or reading.case.file.forecast is None:
        return None
    mine, *_ = questions(reading)
    try:
        found: Forecast = reading.session.ask(**mine)
    except NOT_ASKED as error:
        told = " ".join(f"{p.found}; expected {p.expected}. {p.fix}" for p in error.problems()[:3])
        return Section(TITLE, (Block(text=f"Not asked: {sentence(told)}"),))
    if reading.shared:
        found = found.shared()
    line = headline(found).removeprefix(f"{found.case.title}: ")
    line = line[:1].upper() + line[1:]
    blocks = [Block(text=" ".join(t for t in (line, confidence(found), _unlike(found)) if t))]
    others = list(_views(reading, found))
    named = [(_name(reading), found), *others]
    blocks += [Block(picture=forecast_bars(named), caption=f"Chances {when_text(found, found.focus)}. {BARS}")]
    blocks.append(Block(table=_table(found)))
    if (fan := forecast_fan(found)) is not None:
        blocks.append(Block(picture=fan, caption=FAN))
    if not reading.shared:
        blocks += _driven(found)
    blocks += _watched(found)
    if not reading.shared:
        blocks += [Block(items=tuple(_plain(t) for t in compared(found)))] if found.against else []
    blocks += [
        Block(text=record(found)),
        Block(text="What this does not know:"),
        Block(items=tuple(_limits(found, others))),
    ]
    return Section(TITLE, tuple(blocks), (line,))


def questions(reading: Reading) -> list[dict[str, Any]]:
    """What is asked of the session: the reading told, as `detente forecast` asks it; then every expert's view.

    In a large case what drives it is left out, and views are told from fewer draws.
    """
    large = len(reading.session.states(reading.case)) > LARGE and not reading.full
    asked = [{"question": "forecast", "limit": False, "drivers": not large and not reading.shared, **reading.how}]
    if reading.alone or reading.shared:
        return asked
    brief = {"drivers": False, "scenarios": False, "compared": False, "draws": FEW_OTHERS if large else OTHERS}
    for name, view in reading.case.written.file.views.items():
        if view.of is None and name != reading.how["view"]:
            asked.append({"question": "forecast", "limit": False, **brief, **reading.seen_by(name).how})
    return asked


def begin(reading: Reading) -> None:
    """Have a large case's forecasts worked out by another process while the other questions are asked."""
    asked = not reading.mute and reading.case.file.forecast is not None
    if asked and len(reading.session.states(reading.case)) > LARGE:
        reading.session.meanwhile(questions(reading))


def _unlike(found: Forecast) -> str:
    """A warning where the chance is far from how often such things have happened."""
    name, p = found.names[found.likeliest], float(found.answer.p[found.focus, found.likeliest])
    rate = found.base_rates.get(name)
    if rate is None or abs(p - rate.value) < FAR:
        return ""
    side = "above" if p > rate.value else "below"
    return (
        f"This is far {side} the base rate of {percent(rate.value)}, how often such things have happened before, and"
        " should be read with caution."
    )


def _plain(text: str) -> str:
    """A line of the terminal without its short names."""
    text = CONCEPT.sub(r"(\1)", text.strip()).replace("(Brier) ", "").replace("intensity ", "sharpness ")
    return sentence(text)


def _name(reading: Reading) -> str:
    name = reading.name or "the case as written"
    return name[:1].upper() + name[1:]


def _views(reading: Reading, found: Forecast) -> Iterator[tuple[str, Forecast]]:
    """Every expert's view that forecasts the same outcomes."""
    for asked in questions(reading)[1:]:
        try:
            answer: Forecast = reading.session.ask(**asked)
        except NOT_ASKED:
            continue
        if answer.names == found.names:
            yield _name(reading.seen_by(asked["view"])), answer


def _table(found: Forecast) -> Table:
    """Chances by the dates, the last one in words and with its range."""
    a, rows = found.answer, []
    for n, name in enumerate(found.names):
        earlier = [percent(float(a.p[r, n])) for r in range(found.focus)]
        p = float(a.p[found.focus, n])
        span = f"{percent(float(a.low[found.focus, n]))} to {percent(float(a.high[found.focus, n]))}"
        rows.append((name, *earlier, percent(p), likelihood(p), span))
    heads = [when_text(found, r) for r in range(found.focus + 1)]
    return Table(("outcome", *heads, "in words", "what the inputs leave open"), tuple(rows))


def _driven(found: Forecast) -> Iterator[Block]:
    told = [_plain(t) for t in (*behind(found), *drivers(found))]
    if (picture := forecast_tornado(found)) is not None:
        yield Block(picture=picture, caption=TORNADO if swings(found) else ALONE)
    if told:
        yield Block(items=tuple(told))
    elif found.drivers is None:
        yield Block(text="What drives it is told in the full brief (--full); in a large case it takes its time.")


def _watched(found: Forecast) -> Iterator[Block]:
    """How each future starts, and the soonest signs of each."""
    scenarios = found.scenarios
    if scenarios is None or not scenarios.futures:
        return
    items = []
    for future in scenarios.futures:
        text = f"{future_name(found, future)}, {percent(future.p)}"
        if future.event is not None:
            text += f": typically {event_text(found.case, found.dynamics, future.event)}"
        items.append(f"{text}.")
    yield Block(text="Futures to reckon with, and how each starts more often than the others:")
    yield Block(items=tuple(items))
    if scenarios.watch:
        rows = []
        telling = sorted(scenarios.watch, key=lambda w: min(w[1]) - max(w[1]))[:MOST_SIGNS]
        for sign, chances in sorted(telling, key=lambda w: w[0].tick):
            when = day(found.date_of(sign.tick), sign.tick, found.case.file.period).removeprefix("by ")
            rows.append((when, sign_text(found.case, sign), *(percent(c) for c in chances)))
        heads = ("date", "what to look for", *(f"in {future_name(found, f)}" for f in scenarios.futures))
        yield Block(table=Table(heads, tuple(rows), note="How likely each sign is in each future."))


def _limits(found: Forecast, others: list[tuple[str, Forecast]]) -> Iterator[str]:
    """What the forecast leaves out."""
    movers = listed([found.case.party_name(p) for p in found.dynamics.movers])
    yield f"Events outside the options of {movers}, and outcomes nobody thought of."
    if found.dynamics.reply == "logit":
        yield "How sharply the parties choose what is better for them (their sharpness): its values are a judgement."
    if found.dynamics.ever:
        yield "Whether an outcome lasts: one counts once it has been reached, even if it is undone later."
    views = f", that of every other reading on {others[0][1].answer.draws:,}" if others else ""
    yield f"The answer rests on {found.answer.draws:,} draws of the uncertain numbers{views}."
