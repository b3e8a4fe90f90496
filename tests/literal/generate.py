"""Random cases, small and varied, written as the file format has them.

They are made to tell readings of the definitions apart: several parties, indifference, one-way options and merged
states, from which one may go on to where no single move leads.
"""

import itertools
import random
from collections.abc import Iterator
from typing import Any

from tests.literal.conditions import Levels, condition
from tests.literal.states import CaseDict, Space, text_of

MOST_STATES = 48
FEWEST_STATES = 3
FIXED_SEEDS = range(2_000)
"""The cases that are compared on every run."""


def seeded(seed: int) -> random.Random:
    """Return the random numbers that belong to a seed."""
    return random.Random(seed)


def random_case(rng: random.Random, *, positional: bool = True, parties: int | None = None) -> CaseDict:
    """Return one random case; without ``positional`` nothing in it depends on the order of parties and options.

    The number of parties is 2, 3 or 4, or as given.
    """
    while True:
        case = _situation(rng, positional=positional, parties=parties)
        space = Space(case)
        if FEWEST_STATES <= len(space.states) <= MOST_STATES:
            break
    _status_quo(rng, case, space)
    if rng.random() < 0.2:
        case["numbers"] = {"n1": _uncertain(rng), "n2": _uncertain(rng)}
    writer = _Writer(rng, case, space, positional=positional)
    preferences = {party: writer.preference() for party in case["parties"] if rng.random() < 0.97}
    case["preferences"] = preferences or {next(iter(case["parties"])): writer.preference()}
    return case


def _situation(rng: random.Random, *, positional: bool, parties: int | None) -> CaseDict:
    """Parties, options, infeasible combinations and merged states."""
    parties = parties or rng.choices((2, 3, 4), weights=(2, 5, 4))[0]
    options = rng.choices((2, 3, 4, 5), weights=(1, 4, 5, 3))[0]
    owners = [f"p{number % parties + 1}" for number in range(options)]
    rng.shuffle(owners)
    case: CaseDict = {
        "detente": 1,
        "name": "random-case",
        "title": "A random case",
        "as_of": "2024-03-01",
        "parties": {f"p{number}": {"name": f"Party {number}"} for number in range(1, parties + 1)},
        "options": {},
    }
    pairs = [pair for pair in itertools.combinations(range(options), 2) if owners[pair[0]] != owners[pair[1]]]
    ladder = rng.choice(pairs) if pairs and options > 2 and parties > 2 and rng.random() < 0.55 else ()
    room = MOST_STATES
    for number, owner in enumerate(owners):
        spare = 2 ** (options - number - 1)
        wanted = (3, 4, 4) if number in ladder else (2, 2, 2, 3, 3, 4)
        levels = rng.choice([count for count in wanted if count * spare <= room] or [2])
        room //= levels
        case["options"][f"o{number + 1}"] = _option(rng, owner, levels, one_way=number not in ladder)
    names = {name: option.get("levels", ["no", "yes"]) for name, option in case["options"].items()}
    infeasible = _ladder(names, *(f"o{number + 1}" for number in ladder)) if ladder else []
    if rng.random() < 0.5:
        infeasible += [_where(rng, names, 2, positional=positional) for _ in range(rng.randint(1, 3))]
    if infeasible:
        case["infeasible"] = infeasible
    if rng.random() < (0.4 if ladder else 0.7):
        case["coalesce"] = [_where(rng, names, 1, positional=positional) for _ in range(rng.choice((1, 1, 2)))]
    return case


def _ladder(names: dict[str, list[str]], one: str, other: str) -> list[str]:
    """Two options that can only be raised in turns: neither may be two levels above the other."""
    return [
        f"{high} >= {names[high][level]} and {low} <= {names[low][level - 2]}"
        for high, low in ((one, other), (other, one))
        for level in range(2, len(names[high]))
        if level - 2 < len(names[low])
    ]


def _option(rng: random.Random, owner: str, levels: int, *, one_way: bool) -> dict[str, Any]:
    option: dict[str, Any] = {"party": owner}
    if levels > 2 or rng.random() < 0.6:
        option["levels"] = [f"l{level}" for level in range(levels)]
    names = option.get("levels", ["no", "yes"])
    often = 1 if one_way else 0.2
    moves = rng.choices((None, "both", "up", "down"), weights=(10, 4, 3 * often, 2 * often))[0]
    if moves:
        option["moves"] = moves
    if moves != "down" and rng.random() < 0.15 * often:
        option["irreversible"] = sorted(rng.sample(names, rng.randint(1, len(names) - 1)), key=names.index)
    return option


def _where(rng: random.Random, names: dict[str, list[str]], fewest: int, *, positional: bool) -> str:
    """Return a conjunction of comparisons, or a pattern, about a few options."""
    chosen = rng.sample(sorted(names), min(len(names), rng.choice((fewest, fewest, fewest + 1))))
    if positional and rng.random() < 0.4:
        return "".join(rng.choice("YN") if name in chosen else "-" for name in names)
    return " and ".join(_comparison(rng, name, names[name]) for name in chosen)


def _comparison(rng: random.Random, option: str, levels: list[str]) -> str:
    level = rng.randrange(1, len(levels))
    name = str(level) if rng.random() < 0.15 else levels[level]
    few = ", ".join(sorted(rng.sample(levels, min(2, len(levels) - 1)), key=levels.index))
    return rng.choice(
        (
            option,
            f"not {option}",
            f"{option} == {name}",
            f"{option} == {name}",
            f"{option} != {name}",
            f"{option} >= {name}",
            f"{option} < {name}",
            f"{option} <= {levels[level - 1]}",
            f"{option} > {levels[level - 1]}",
            f"{option} == {levels[0]}",
            f"{option} in {{{few}}}",
        )
    )


def _status_quo(rng: random.Random, case: CaseDict, space: Space) -> None:
    """Write a status quo in two cases out of three; unwritten, it is every option's first level, feasible or not."""
    if rng.random() < 0.33:
        return
    levels = rng.choice(space.feasible)
    named = {
        option.id: option.levels[level]
        for option, level in zip(space.options, levels, strict=True)
        if level > 0 or rng.random() < 0.5
    }
    if named:
        case["status_quo"] = named


def _plain(rng: random.Random) -> int | float:
    return rng.randint(-4, 6) if rng.random() < 0.5 else rng.randint(-30, 60) / 10


def _uncertain(rng: random.Random) -> str:
    """Return an uncertain number: around a mean, between two ends, or between two ends with a mode."""
    low, middle, high = sorted(_plain(rng) for _ in range(3))
    return rng.choice(
        (
            f"{middle} ± {rng.randint(0, 20) / 10}",
            f"{middle} +- {rng.randint(0, 3)}",
            f"{low}..{high}",
            f"{high} .. {low}",
            f"{low}..{middle}..{high}",
        )
    )


class _Writer:
    """Writes preferences that the members of a merged state agree about."""

    def __init__(self, rng: random.Random, case: CaseDict, space: Space, *, positional: bool) -> None:
        self.rng = rng
        self.space = space
        self.positional = positional
        self.numbers = sorted(case.get("numbers", {}))

    def preference(self) -> dict[str, Any]:
        forms = (self.utility, self.ranking, self.priorities)
        return self.rng.choices(forms, weights=(3, 4 if self.positional else 2, 3))[0]()

    def utility(self) -> dict[str, Any]:
        """A worth for each level of some options, and for some conditions."""
        utility: dict[str, Any] = {}
        for option in self.space.options:
            if self.rng.random() < 0.8:
                worths = self.level_worths(option.id)
                if worths:
                    utility[option.id] = worths
        for statement in self.statements(self.rng.randint(1, 4)):
            if statement not in self.space.names:
                utility[statement] = self.number()
        return {"utility": utility}

    def level_worths(self, option: str) -> dict[str, Any]:
        """Levels that occur together in a merged state are worth the same."""
        place = list(self.space.names).index(option)
        together = [{level} for level in range(len(self.space.names[option]))]
        for state in self.space.states:
            occurring = {member[place] for member in state.members}
            apart = [group for group in together if not group & occurring]
            together = [*apart, set().union(*(group for group in together if group & occurring))]
        worths: dict[int, Any] = {}
        for group in together:
            worth = self.number()
            if 0 not in group and self.rng.random() < 0.85:
                worths |= dict.fromkeys(group, worth)
        return {name: worths[level] for level, name in enumerate(self.space.names[option]) if level in worths}

    def number(self) -> Any:
        chance = self.rng.random()
        if chance < 0.1 and self.numbers:
            return self.rng.choice(self.numbers)
        if chance < 0.2:
            return {"value": _plain(self.rng), "note": "an estimate"}
        return _uncertain(self.rng) if chance < 0.45 else _plain(self.rng)

    def ranking(self) -> dict[str, Any]:
        """States and lists of tied states, best first, sometimes with conditions between them or without the last."""
        entries: list[Any] = []
        left = list(self.space.ids)
        self.rng.shuffle(left)
        often = 0.3 if self.positional else 1.0
        conditions = self.statements(6) if self.rng.random() < 0.4 or not self.positional else []
        while left and (self.positional or conditions):
            if conditions and self.rng.random() < often:
                entries.append(conditions.pop())
                matched = self.space.matching(entries[-1])
                left = [state for state in left if state not in matched]
                continue
            tied = 1 if self.rng.random() < 0.65 else self.rng.randint(2, 4)
            named = [self.name(state) for state in left[:tied]]
            entries.append(named[0] if len(named) == 1 else named)
            left = left[tied:]
        keep = self.rng.randint(1, len(entries)) if self.rng.random() < 0.15 else len(entries)
        return {"ranking": entries[:keep]}

    def name(self, state: str) -> str:
        """Return the id of a state, or the key of one of its members."""
        if self.rng.random() < 0.1:
            return text_of(self.rng.choice(self.space.by_id[state].members))
        return state

    def priorities(self) -> dict[str, Any]:
        """Statements, most important first; some of them tied; sometimes corrected by hand."""
        entries: list[Any] = []
        statements = self.statements(self.rng.randint(2, 7))
        while statements:
            tied = 1 if self.rng.random() < 0.75 else self.rng.randint(2, 3)
            entries.append(statements[0] if len(statements[:tied]) == 1 else statements[:tied])
            statements = statements[tied:]
        preference: dict[str, Any] = {"priorities": entries}
        if self.rng.random() < 0.35:
            pairs = [self.statements(2) for _ in range(self.rng.randint(1, 2))]
            matching = self.space.matching
            adjust = [pair for pair in pairs if len(pair) == 2 and not matching(pair[0]) & matching(pair[1])]
            if adjust:
                preference["adjust"] = adjust
        return preference

    def statements(self, count: int) -> list[str]:
        """Return up to so many conditions that differ in meaning; if there are none, one that always holds."""
        found: dict[frozenset[Levels], str] = {}
        combinations = list(self.space.combinations())
        for text in self.candidates():
            true = set(filter(condition(text, self.space.names), combinations))
            by_state = [{member in true for member in state.members} for state in self.space.states]
            uniform = all(len(truths) == 1 for truths in by_state)
            if uniform and len(set().union(*by_state)) == 2:
                found.setdefault(frozenset(true), text)
            if len(found) == count:
                break
        first = self.space.options[0]
        return list(found.values()) or [f"{first.id} >= {first.levels[0]}"]

    def candidates(self) -> Iterator[str]:
        """Return conditions at random, of every kind that the language has."""
        for _ in range(40):
            one, other = (_where(self.rng, self.space.names, 1, positional=False) for _ in range(2))
            kind = self.rng.random()
            if kind < 0.15 and self.positional:
                yield _where(self.rng, self.space.names, 1, positional=True)
            elif kind < 0.55:
                yield one
            else:
                yield self.rng.choice(
                    (
                        f"{one} or {other}",
                        f"not ({one})",
                        f"({one} or {other}) and {_where(self.rng, self.space.names, 1, positional=False)}",
                        f"{one} implies {other}",
                        f"{one} iff {other}",
                    )
                )
