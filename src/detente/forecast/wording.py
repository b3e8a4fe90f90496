"""Names of inputs, events and signs for readers."""

from __future__ import annotations

import datetime as dt

from detente.base.wording import listed, words
from detente.case.model import Case
from detente.case.spoken import spoken, spoken_level
from detente.forecast.drivers import Driver
from detente.forecast.dynamics import Dynamics
from detente.forecast.inputs import TYPE, WHOLE, Factor
from detente.forecast.paths import BREAKDOWN, DEAL, NOTHING
from detente.forecast.signs import Event, Sign
from detente.space.draws import Path

BEHAVIOUR = {
    "intensity": "how sharply the parties choose what is better for them",
    "breakdown": "the chance of a breakdown",
    "deals": "the chance of a joint move to an agreement",
}


def input_text(case: Case, factor: Factor) -> str:
    """An input in words."""
    if factor.party is not None:
        name = case.party_name(factor.party)
        if factor.kind == TYPE:
            kinds = listed([f"‘{words(t)}’" for t in case.file.preferences[factor.party].types or {}], "or")
            return f"which {name} one deals with: {kinds}"
        assert factor.kind == WHOLE  # noqa: S101 - what else a party has
        return f"how much {name} prefers what it prefers"
    path = tuple(factor.path.split(".", 1)) if factor.path.startswith("numbers.") else factor.written[0][0]
    if path[0] == "numbers":
        amount = case.file.numbers[path[1]]
        note = amount.evidence.note if amount.evidence is not None else ""
        return f"‘{words(path[1])}’" + (f" ({note.rstrip('.')})" if note else "")
    if path[0] == "preferences":
        return _worth(case, path, whole=len(factor.written) > 1)
    if path[:2] == ("forecast", "behaviour"):
        if path[2] == "initiative":
            return f"how often {case.party_name(path[3])} has the move"
        where = f" with {spoken(case, path[-1])}" if "when" in path else ""
        return BEHAVIOUR[path[2]] + where
    return _elsewhere(case, path)


def _elsewhere(case: Case, path: Path) -> str:
    """An input of another block in words."""
    if path[0] == "parties":
        return f"the {words(path[2])} of {case.party_name(path[1])}"
    if path[:2] == ("disagreement", "payoffs"):
        return f"what {case.party_name(path[2])} has without a deal"
    if path[:2] == ("disagreement", "lottery"):
        return f"how likely it is, without a deal, that possibility {int(path[2]) + 1} comes about"
    return f"the number at {'.'.join(path)}"


def group_text(case: Case, group: str) -> str:
    """A group of inputs in words."""
    if group.startswith("preferences."):
        return f"what {case.party_name(group.removeprefix('preferences.'))} wants"
    known = {"types": "who the parties are", "numbers": "the shared numbers", "behaviour": "how they behave"}
    return known.get(group, f"the numbers under {group}")


def _worth(case: Case, path: Path, *, whole: bool) -> str:
    who = case.party_name(path[1])
    rest = path[2:]
    if rest[0] == "types":
        who, rest = f"{who} (as ‘{words(rest[1])}’)", rest[2:]
    if rest[0] == "prior":
        return f"how probable it is that one deals with {who}"
    if len(rest) == 3:
        what = case.option_name(rest[1]) if whole else spoken_level(case, rest[1], _level(case, rest[1], rest[2]))
    else:
        what = spoken(case, rest[1])
    return f"what {what} is worth to {who}"


def _level(case: Case, option: str, level: str) -> str:
    return case.file.options[option].levels[int(level)] if level.isdigit() else level


def day(date: dt.date | None, tick: int | None, period: str) -> str:
    """A date for readers, with ``by``; the periods where there is no date; None of both = in the end."""
    if date is not None:
        return f"by {date.day} {date:%B %Y}"
    return "in the end" if tick is None else f"within {tick:,} {period}{'' if tick == 1 else 's'}"


def sign_text(case: Case, sign: Sign) -> str:
    """What can be seen."""
    option = case.options[sign.option]
    level = case.file.options[option].levels[sign.level]
    text = spoken_level(case, option, level)
    if sign.relation == "still":
        return f"{text}, as today"
    last = sign.level in (0, len(case.file.options[option].levels) - 1)
    return text if last else f"{text} or {'beyond' if sign.relation == 'above' else 'below'}"


def event_text(case: Case, dynamics: Dynamics, event: Event) -> str:
    """What starts a future."""
    kind = event.beginning.kind
    if kind == NOTHING:
        return "nothing changes at all"
    if kind == BREAKDOWN:
        return "a breakdown comes before any other change"
    option = None if event.option is None else case.options[event.option]
    which = ""
    if option is not None:
        which = f" {'raising' if event.up else 'lowering'} {case.option_name(option)}"
    if kind == DEAL:
        return f"the first change is an agreement of {listed([case.party_name(p) for p in dynamics.among])}{which}"
    return f"{case.party_name(dynamics.movers[event.beginning.mover])} moves first{',' + which if which else ''}"


def target_text(case: Case, dynamics: Dynamics, target: int, most: int = 4) -> str:
    """What a state changes from today."""
    states = dynamics.moves.states
    now, then = states.levels(dynamics.start), states.levels(target)
    parts = [spoken_level(case, o, level) for o, level in then.items() if level != now[o] and level is not None]
    more = f" and {len(parts) - most} more" if len(parts) > most else ""
    return "; ".join(parts[:most]) + more


def flip_text(driver: Driver, names: tuple[str, ...]) -> str:
    """Where an input makes another outcome the likeliest."""
    flip = driver.flip
    if flip is None:
        return ""
    to = f"‘{names[flip.to]}’ becomes the likeliest outcome"
    if isinstance(flip.value, str):
        return f"with ‘{words(flip.value)}’ {to}"
    levels = f" (at {'.'.join(driver.factor.written[-1][0])})" if len(driver.factor.written) > 1 else ""
    return f"at {f'{flip.value:.3g}'.replace('-', '−')}{levels} {to}"


def points(value: float) -> str:
    """A difference of chances."""
    return f"{100 * value:.1f} points" if value < 0.0995 else f"{100 * value:.0f} points"
