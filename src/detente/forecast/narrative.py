"""The answer in sentences, for the terminal and the brief."""

from __future__ import annotations

from collections.abc import Iterator

from detente.base.wording import counted, likelihood, listed, percent
from detente.forecast.against import BREAKDOWN, CYCLES, DEALS, NOISE, REACHED, SHORT, Against, Reason
from detente.forecast.answer import Span
from detente.forecast.drivers import Driver
from detente.forecast.result import Forecast
from detente.forecast.scenarios import Future
from detente.forecast.track import record_text
from detente.forecast.wording import day, event_text, flip_text, group_text, input_text, points, sign_text, target_text

MOST_DRIVERS = 4
WIDE, NARROW = 0.5, 0.2
REST = 0.005
CONCEPTS = {
    "nash": "no party alone would leave it",
    "gmr": "the others could answer every move out of it",
    "smr": "the others could answer every move out of it for good",
    "seq": "the others would answer every move out of it",
    "sseq": "the others would answer every move out of it for good",
}


def lines(found: Forecast) -> list[str]:
    """What is likeliest, how sure that is, what drives it, the futures, and how it compares with what would hold."""
    out = [headline(found), *others(found), confidence(found), *behind(found), *waiting(found)]
    out += [f"note: {w}" for w in found.provenance.warnings]
    for part in (drivers(found), futures(found), watch(found), compared(found), [record(found)]):
        told = list(part)
        if told:
            out += ["", *told]
    if found.interrupted:
        out += ["", f"Interrupted: {listed([MISSING[i] for i in found.interrupted])} not complete."]
    return out


MISSING = {"draws": "the draws are", "drivers": "what drives the forecast is", "scenarios": "the futures are"}


def headline(found: Forecast) -> str:
    """The likeliest outcome by the last date."""
    row, n = found.focus, found.likeliest
    p = float(found.answer.p[row, n])
    when = when_text(found, row)
    what = "it is likeliest to come to" if found.dynamics.ever else "things are likeliest to stand at"
    return f"{found.case.title}: {when} {what} ‘{found.names[n]}’, with a chance of {percent(p)} ({likelihood(p)})."


def _started(text: str) -> str:
    return text[:1].upper() + text[1:]


def when_text(found: Forecast, row: int) -> str:
    """When a row is."""
    ticks = found.dynamics.ticks
    return day(found.dates[row], ticks[row] if row < len(ticks) else None, found.case.file.period)


def others(found: Forecast) -> Iterator[str]:
    """The chances of the other outcomes, and how they change from date to date."""
    a, row = found.answer, found.focus
    rest = sorted((n for n in range(len(found.names)) if n != found.likeliest), key=lambda n: -a.p[row, n])
    told = [f"‘{found.names[n]}’ {percent(float(a.p[row, n]))} ({likelihood(float(a.p[row, n]))})" for n in rest]
    if told:
        yield f"The others: {listed(told)}."
    for other in range(len(a.p)):
        if other != row and a.unsettled[other] > 1 - REST and other >= len(found.dynamics.ticks):
            yield "Left without a date, things never settle: they go on moving for ever."
        elif other != row:
            each = [f"‘{name}’ {percent(float(a.p[other, n]))}" for n, name in enumerate(found.names)]
            yield f"{_started(when_text(found, other))}: {listed(each)}."


def confidence(found: Forecast) -> str:
    """How sure the chance is: apart from how large it is."""
    a, row, n = found.answer, found.focus, found.likeliest
    if found.provenance.exact:
        return "Nothing in the case is uncertain: the chances are exact, and rest on how the parties move."
    low, high = float(a.low[row, n]), float(a.high[row, n])
    width = high - low
    how = "low" if found.fragile or width > WIDE else "moderate" if width > NARROW else "fair"
    text = f"Confidence in this chance: {how}. In nine of ten draws of what is uncertain it lies between {percent(low)}"
    text += f" and {percent(high)}; it is the likeliest outcome in {percent(float(a.likeliest[row, n]))} of them."
    half = float(a.error_high[row, n] - a.error_low[row, n]) / 2
    return f"{text} {counted(a.draws, 'draw')} leave an error of {points(half)}, which more draws would make smaller."


def behind(found: Forecast) -> Iterator[str]:
    """Whose the uncertainty is, and whether the answer hangs on how the parties behave."""
    shares = found.spread_shares()
    if shares is not None:
        total = shares["preferences"] + shares["behaviour"] + shares["both"]
        if total > 1e-12:
            parts = [shares[k] / total for k in ("preferences", "behaviour", "both")]
            yield (
                f"Of what the inputs leave open, {percent(parts[0])} comes from what the parties want and who they are,"
                f" {percent(parts[1])} from how they behave, and {percent(parts[2])} from both together."
            )
    row = found.focus
    for driver in found.turning:
        yield (
            f"FRAGILE: the likeliest outcome depends on {input_text(found.case, driver.factor)}, which is not known:"
            f" {listed(_ends(found, driver))}."
        )
    if len(found.settings) > 1:
        each = [
            f"{s.name}: ‘{found.names[int(found.answer.of_setting[n, row].argmax())]}’"
            f" {percent(float(found.answer.of_setting[n, row].max()))}"
            for n, s in enumerate(found.settings)
        ]
        head = "FRAGILE: how the parties behave is not known, and the likeliest outcome depends on it"
        kept = "How the parties behave is not known; the likeliest outcome is the same in all ways looked at"
        yield f"{head if found.answer.fragile[row] else kept} ({'; '.join(each)})."


def _ends(found: Forecast, driver: Driver) -> list[str]:
    swing = driver.swing
    if swing is None or swing.shared is None:
        return []
    where = ("at its 10th percentile", "at its 90th percentile")
    tops = [(w, int(r.argmax()), float(r.max())) for w, r in zip(where, swing.shared, strict=True)]
    return [f"{w} it is ‘{found.names[n]}’ ({percent(p)})" for w, n, p in tops]


def waiting(found: Forecast) -> Iterator[str]:
    """What is unsettled, broken or agreed by then, and how long it takes."""
    a, row, period = found.answer, found.focus, found.case.file.period
    if a.broken[row] > REST:
        yield f"A breakdown comes {when_text(found, row)} with a chance of {percent(float(a.broken[row]))}."
    if a.agreed[row] > REST:
        yield f"A final agreement is made {when_text(found, row)} with a chance of {percent(float(a.agreed[row]))}."
    if a.unsettled[row] > REST:
        chance = percent(float(a.unsettled[row]))
        yield f"Unsettled {when_text(found, row)}, so that things can still move on: {chance}."
    if a.first is not None:
        yield _span(a.first, "Until the first of the named outcomes", period)
    if a.rest is not None and a.rest.mean is not None:
        yield _span(a.rest, "Until nothing moves any more", period)


def _span(span: Span, what: str, period: str) -> str:
    if span.mean is None or span.low is None or span.high is None:
        if span.finite == 0:
            return f"{what}: it may never come."
        return f"{what}: in {percent(1 - span.finite)} of the draws it may never come."
    return f"{what}: {span.mean:.1f} {period}s on average (nine in ten draws: {span.low:.1f} to {span.high:.1f})."


def drivers(found: Forecast) -> Iterator[str]:
    """What drives the forecast, what flips it, and which question to ask next."""
    if found.drivers is None or found.drivers.variance <= 0 or not found.drivers.each:
        return
    clear = [d for d in found.drivers.each if d.clear][:MOST_DRIVERS]
    if not clear:
        yield "No single input is told apart from chance in these draws."
    groups = [(g, e) for g, e in found.drivers.groups if e.share >= REST]
    if len(groups) > 1:
        told = [f"{group_text(found.case, g)} {percent(min(1.0, e.share))}" for g, e in groups[:MOST_DRIVERS]]
        yield f"Roughly how much of the spread each bears on, alone or with others: {listed(told)}."
    for n, driver in enumerate(clear):
        head = "What drives it: " if n == 0 else "  "
        share = percent(min(1.0, max(0.0, driver.first.share)))
        text = f"{head}{input_text(found.case, driver.factor)}, which alone explains {share} of the spread"
        if driver.total is not None and driver.total.share > driver.first.share:
            text += f" and bears on {percent(min(1.0, max(0.0, driver.total.share)))} of it"
        flip = flip_text(driver, found.names)
        yield f"{text}{'; ' + flip if flip else ''}."
    flips = [d for d in found.drivers.each if d.flip is not None and d not in clear][:MOST_DRIVERS]
    if flips:
        told = [f"{input_text(found.case, d.factor)}: {flip_text(d, found.names)}" for d in flips]
        yield f"Moved alone, with all else at its point value, these flip the likeliest outcome too: {'; '.join(told)}."
    # how parties behave is no question that anybody could answer
    asked = [d for d in found.drivers.each if not d.factor.behaviour]
    best = max(asked, key=lambda d: d.brier, default=None)
    if best is not None and best.brier > 0:
        yield (
            f"The question to ask next: {input_text(found.case, best.factor)}. Its answer would lower the expected"
            f" (Brier) error of this forecast by {best.brier:.3f}."
        )


def futures(found: Forecast) -> Iterator[str]:
    """The futures with what starts each and what to watch for."""
    if found.scenarios is None or not found.scenarios.futures:
        return
    draws = counted(found.scenarios.draws, "draw")
    yield f"{_started(counted(len(found.scenarios.futures), 'future'))} to reckon with (starts and signs from {draws}):"
    for n, future in enumerate(found.scenarios.futures, 1):
        yield from future_lines(found, n, future)


def future_lines(found: Forecast, n: int, future: Future) -> Iterator[str]:
    """One future."""
    case, dynamics = found.case, found.dynamics
    p, low, high = future.p, future.low, future.high
    if not future.split:  # then the answer itself knows the range from more draws
        low, high = (float(ends[found.focus, future.outcome]) for ends in (found.answer.low, found.answer.high))
    spread = f"{percent(low)} to {percent(high)} in nine of ten draws"
    yield f"  {n}. {future_name(found, future)}: {percent(p)} ({likelihood(p)}; {spread})."
    if future.event is not None:
        event = future.event
        text = f"     How it starts: {event_text(case, dynamics, event)} ({percent(event.inside)} of the time"
        text += f", against {percent(event.outside)} in the other futures)"
        if event.target is not None and (target := target_text(case, dynamics, event.target)):
            text += f", most often to {target}"
        yield text + "."
    for sign in future.signs:
        when = day(found.date_of(sign.tick), sign.tick, case.file.period).removeprefix("by ")
        seen = f"{percent(sign.inside)} here, {percent(sign.outside)} in the others"
        yield f"     Sign, on {when}: {sign_text(case, sign)} ({seen})."


def future_name(found: Forecast, future: Future) -> str:
    """The outcome, with how it starts where it makes several futures."""
    name = f"‘{found.names[future.outcome]}’"
    if not future.split or future.event is None:
        return name
    if len(future.beginnings) == 1:
        return f"{name}, where {event_text(found.case, found.dynamics, future.event)}"
    return f"{name} by other ways"


def watch(found: Forecast) -> Iterator[str]:
    """The watch list."""
    if found.scenarios is None or not found.scenarios.watch:
        return
    yield "Watch list (chance in each future, in the order above):"
    for sign, chances in found.scenarios.watch:
        when = day(found.date_of(sign.tick), sign.tick, found.case.file.period).removeprefix("by ")
        yield f"  {when}: {sign_text(found.case, sign)}: {', '.join(percent(c) for c in chances)}"


def compared(found: Forecast) -> Iterator[str]:
    """How the forecast compares with what would hold once reached."""
    for x in found.against:
        meaning = CONCEPTS.get(x.concept)
        states = f"{counted(x.count, 'state')} would hold once reached ({x.concept}"
        states += f": {meaning})" if meaning else ")"
        if not x.count:
            yield f"No state would hold for all ({x.concept}), so things are not expected to come to rest."
        elif x.agrees:
            yield f"{_started(states)}; the forecast is there with a chance of {percent(x.chance)}."
        else:
            yield f"{_started(states)}; yet the forecast is there only with a chance of {percent(x.chance)}."
            yield from _reasons(found, x)


def _reasons(found: Forecast, x: Against) -> Iterator[str]:
    if not x.reasons:
        yield "  No single reason explains it: several work together."
    for reason in x.reasons:
        yield f"  {_reason(found, x, reason)}"


def _reason(found: Forecast, x: Against, reason: Reason) -> str:
    chance, now = percent(reason.chance), percent(x.point)
    point = f"{chance} instead of {now}, all inputs at their point values"
    if reason.kind == REACHED and reason.state is not None:
        what = target_text(found.case, found.dynamics, reason.state) or "everything as today"
        return f"Of the states that would hold, best replies lead first to: {what} ({chance})."
    return {
        NOISE: f"Parties do not always choose what is best for them; if they did, it would be {point}.",
        DEALS: f"Joint moves lead out of states that no party would leave alone; without them, {point}.",
        BREAKDOWN: f"A breakdown may come first; without it, {point}.",
        SHORT: f"The time is too short to get there; without a date, {point}.",
        CYCLES: f"Best replies go round in a circle with a chance of {chance} and never come to rest.",
    }[reason.kind]


def record(found: Forecast) -> str:
    """Base rates, and the track record."""
    rates = [f"‘{n}’ {percent(r.value)}{_source(r.source, r.note)}" for n, r in found.base_rates.items()]
    head = f"Base rate, how often such things have happened before: {'; '.join(rates)}." if rates else "No base rate."
    if found.track_record is None:
        return f"{head} No track record: no forecast made in this way has been scored yet."
    return f"{head} {record_text(found.track_record)}"


def _source(source: str | None, note: str) -> str:
    told = "; ".join(t.rstrip(".") for t in (note, source) if t)
    return f" ({told})" if told else ""
