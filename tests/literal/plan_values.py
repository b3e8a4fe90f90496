"""What a plan's values are made of, straight from a case as written: one state, one move, one moment at a time.

Slow, and as the words say; nothing of detente is imported. Numbers are at their point values.
"""

import functools
import itertools
import math
import random
from typing import Any

from tests.literal.conditions import Levels, condition
from tests.literal.preferences import point, ranks_of
from tests.literal.states import CaseDict, Space

FOREVER = math.inf
YEARS = {"day": 1 / 365.25, "week": 7 / 365.25, "month": 1 / 12, "quarter": 1 / 4, "year": 1.0}


class Left(Exception):  # noqa: N818 - not an error: a state that an order says nothing of
    """A state of which an order says nothing."""


class Values:
    """A case, its plan, and what every party has at every combination of levels."""

    def __init__(self, case: CaseDict, target: Levels) -> None:
        self.case, self.plan, self.target = case, case["plan"], target
        self.options = list(case["options"])
        self.names = {o: list(w.get("levels", ["no", "yes"])) for o, w in case["options"].items()}
        self.owner = [w["party"] for w in case["options"].values()]
        today = case.get("status_quo", {})
        self.today = tuple(names.index(today.get(o, names[0])) for o, names in self.names.items())
        self.rules = [condition(text, self.names) for text in case.get("infeasible", [])]
        self.numbers = case.get("numbers", {})
        self.space = Space(case)
        changed = {self.owner[o] for o, (a, b) in enumerate(zip(self.today, target, strict=True)) if a != b}
        self.parties = [
            p
            for p, w in case["parties"].items()
            if (w.get("role", "signatory") == "signatory" or p in changed)
            and not (w.get("role") == "mediator" and p not in case["preferences"])
        ]
        self.ordinal = {p for p, w in case["preferences"].items() if "utility" not in w}
        self.ranks = {p: ranks_of(self.space, case["preferences"][p], self.numbers) for p in self.ordinal}
        self._seen: dict[Any, float] = {}
        self._points: dict[str, float] = {}
        self.test = functools.cache(lambda text: condition(text, self.names))
        self.reach = functools.cache(self.reach)  # type: ignore[method-assign]
        self.place = functools.cache(self.place)  # type: ignore[method-assign]
        self.undo = functools.cache(self.undo)  # type: ignore[method-assign]
        self.delta = functools.cache(self.delta)  # type: ignore[method-assign]
        self.moves = functools.cache(self.moves)  # type: ignore[method-assign]

    # --- the case ----------------------------------------------------------------------------------------------------

    def feasible(self, x: Levels) -> bool:
        return not any(rule(x) for rule in self.rules)

    def point(self, written: Any) -> float:
        """Point value of a number as written."""
        if str(written) not in self._points:
            self._points[str(written)] = float(point(written, self.numbers))
        return self._points[str(written)]

    def number(self, written: Any, x: Levels) -> float:
        """A number as written, judged at a state."""
        if isinstance(written, dict) and "default" in written:
            for text, value in written.get("when", {}).items():
                if self.test(text)(x):
                    return self.point(value)
            written = written["default"]
        return self.point(written)

    def u(self, party: str, x: Levels) -> float:
        if (party, x) not in self._seen:
            self._seen[party, x] = self._u(party, x)
        return self._seen[party, x]

    def _u(self, party: str, x: Levels) -> float:
        if party in self.ordinal:
            if not self.feasible(x):
                raise Left
            ranks = self.ranks[party]
            return ranks[self.space.state_of[x].id] / max(1, *ranks.values())
        total = 0.0
        for key, worth in self.case["preferences"].get(party, {}).get("utility", {}).items():
            if key in self.names:
                name = self.names[key][x[self.options.index(key)]]
                total += self.point(worth.get(name, 0))
            elif self.test(key)(x):
                total += self.point(worth)
        return total

    def delta(self, party: str) -> float:
        written = self.case["parties"][party].get("discount")
        years = YEARS[self.case.get("period", "month")]
        return 0.95**years if written is None else self.point(written)

    def reach(self, o: int, level: int) -> list[int]:
        """Levels an option can be moved to."""
        written = self.case["options"][self.options[o]]
        top = len(self.names[self.options[o]]) - 1
        moves = written.get("moves", "both")
        stuck = {self.names[self.options[o]].index(v) for v in written.get("irreversible", [])}
        low = level if moves == "up" else max((x for x in stuck if x <= level), default=0)
        return list(range(low, (level if moves == "down" else top) + 1))

    def place(self, o: int, level: int, culprit: str | None) -> int:
        """Where an option goes in a breakdown: as near to its place as it can."""
        written = self.plan.get("breakdown", {}) if self.plan["snapback"] else {}
        option = self.options[o]
        level_name = written.get("by", {}).get(culprit, {}).get(option, written.get(option))
        wanted = self.today[o] if level_name is None else self.names[option].index(level_name)
        return min(self.reach(o, level), key=lambda b: abs(b - wanted))

    def undo(self, o: int, level: int) -> float:
        option = self.options[o]
        return self.number(self.plan.get("undo", {}).get(option, {}).get(self.names[option][level], 0), self.today)

    # --- leaving -----------------------------------------------------------------------------------------------------

    def own_moves(self, party: str, s: Levels) -> list[Levels]:
        rows = [self.reach(o, s[o]) if self.owner[o] == party else [s[o]] for o in range(len(s))]
        return list(itertools.product(*rows))

    def path(self, party: str, culprit: str | None, s: Levels, m: Levels, answer: float, elsewhere: float) -> float:
        """Value to a party of what follows once the culprit has moved from s to m; answered after so many periods."""
        plans = []  # per option: level and since when
        for o, (a, b) in enumerate(zip(s, m, strict=True)):
            stages = [(0.0, b)]
            home = self.place(o, a, culprit)
            if b != a and ((home < a and b < a) or (home > a and b > a)):
                stages = [(0.0, a), (self.undo(o, a), b)]
            end = self.place(o, b, culprit)
            if answer < FOREVER and end != b:
                stages.append((max(answer, stages[-1][0]) + self.undo(o, b), end))
            plans.append(stages)
        moments = sorted({t for stages in plans for t, _ in stages} | ({answer} if answer < FOREVER else set()))
        delta, early, late = self.delta(party), 0.0, 0.0
        if party in self.ordinal:
            self.u(party, m)
        for n, t in enumerate(moments):
            end_of = moments[n + 1] if n + 1 < len(moments) else FOREVER
            weight = delta**t - (0.0 if end_of == FOREVER else delta**end_of)
            if weight == 0:
                continue
            state = tuple([level for since, level in stages if since <= t][-1] for stages in plans)
            if t >= answer:
                try:
                    late += weight * self.u(party, state)
                except Left:
                    raise ValueError(state) from None
            else:
                early += weight * self.u(party, state)
        if answer < FOREVER:
            late = max(late, delta**answer * elsewhere)
        return early + late

    def outside(self, party: str, s: Levels) -> float:
        written = self.plan.get("outside", {}).get(party)
        return -math.inf if written is None else self.number(written, s)

    def breach(self, party: str, s: Levels) -> float:
        written = self.plan.get("breach_cost", {}).get(party, 0)
        if isinstance(written, dict) and "once" in written:
            return (1 - self.delta(party)) * self.number(written["once"], s)
        return self.number(written, s)

    def lag(self, party: str, s: Levels) -> float:
        lag = self.plan["lag"]
        each = isinstance(lag, dict) and "default" not in lag and "value" not in lag
        return self.number(lag[party] if each else lag, s)

    def moves(self, party: str, s: Levels) -> dict[Levels, float]:
        """Value of every own move, staying included, before breach cost."""
        answered = self.plan["snapback"]
        answer = self.lag(party, s) if answered else FOREVER
        found = {}
        for m in self.own_moves(party, s):
            try:
                found[m] = self.path(party, party, s, m, answer, self.outside(party, s))
            except Left:
                continue
        return found

    def walk(self, party: str, s: Levels) -> float:
        if party not in self.owner:  # "a party owning no option can only take `outside`"
            return self.outside(party, s) - self.breach(party, s)
        return max([*self.moves(party, s).values(), self.outside(party, s)]) - self.breach(party, s)

    def snapped(self, party: str, s: Levels) -> float:
        if not self.plan["snapback"]:
            return max([*self.moves(party, s).values(), self.outside(party, s)])
        return self.path(party, party, s, s, 0.0, self.outside(party, s))

    def accused(self, party: str, s: Levels) -> float:
        if not self.plan["snapback"]:
            return self.u(party, s)
        return self.path(party, None, s, s, 0.0, self.outside(party, s))

    def caught(self, option: str, s: Levels) -> float | None:
        written = self.plan.get("conceal", {}).get(option)
        return None if written is None else self.number(written, s)

    def alarm(self, s: Levels) -> float:
        return self.number(self.plan.get("false_alarm", 0), s)

    # --- the way -----------------------------------------------------------------------------------------------------

    def changed(self) -> list[int]:
        return [o for o in range(len(self.options)) if self.today[o] != self.target[o]]

    def ways(self) -> list[list[int]]:
        """Levels from the status quo's to the target's, of every option that changes."""
        rows = []
        for o in self.changed():
            a, b = self.today[o], self.target[o]
            rows.append(list(range(a, b + 1)) if b > a else list(range(a, b - 1, -1)))
        return rows

    def cells(self) -> dict[tuple[int, ...], Levels]:
        out = {}
        for cell in itertools.product(*(range(len(row)) for row in self.ways())):
            state = list(self.today)
            for o, row, position in zip(self.changed(), self.ways(), cell, strict=True):
                state[o] = row[position]
            out[cell] = tuple(state)
        return out

    def cost(self, o: int, level: int, kind: str) -> float:
        option = self.options[o]
        written = self.plan.get(kind, {}).get(option, {}).get(self.names[option][level], 0)
        return self.number(written["once"] if isinstance(written, dict) and "once" in written else written, self.today)

    def nothing(self, party: str) -> float:
        return self.u(party, self.today)

    def stake(self, party: str, *, comparing: bool = False) -> float:
        scale = self.case["parties"][party].get("scale")
        if scale is not None:
            return self.number(scale, self.today)
        away = abs(self.u(party, self.target) - self.nothing(party))
        if away > 1e-12 and not comparing:
            return away
        values = [self.u(party, x) for x in self.space.feasible]
        wide = max(values) - min(values)
        return wide if wide > 1e-12 else abs(values[0] - self.nothing(party)) or 1.0

    # --- both tests --------------------------------------------------------------------------------------------------

    def paid(self, party: str, options: set[int]) -> float:
        """What a party pays once on the way to the target, for some of its options."""
        total = 0.0
        for o, row in zip(self.changed(), self.ways(), strict=True):
            if self.owner[o] == party and o in options:
                total += sum(self.cost(o, level, "costs") for level in row[1:])
        return total

    def target_test(self, party: str) -> float:
        x, d, a = self.target, self.delta(party), self.alarm(self.target)
        going_on = ((1 - d) * self.u(party, x) + d * a * self.accused(party, x)) / (1 - d * (1 - a))
        if self.plan.get("values") == "patient":
            going_on = self.u(party, x) if a == 0 else going_on
        worst = self.walk(party, x)
        mine = [o for o in self.changed() if self.owner[o] == party and self.caught(self.options[o], x) is not None]
        for size in range(1, len(mine) + 1):
            for hidden in itertools.combinations(mine, size):
                true = tuple(self.today[o] if o in hidden else x[o] for o in range(len(x)))
                q = 1 - math.prod(1 - (self.caught(self.options[o], x) or 0.0) for o in hidden)
                if party in self.ordinal and not self.feasible(true):
                    continue
                now = (1 - d) * self.u(party, true) + d * q * (self.snapped(party, true) - self.breach(party, x))
                value = now / (1 - d * (1 - q))
                if self.plan.get("values") != "patient":
                    value += (1 - d) * self.paid(party, set(hidden))
                worst = max(worst, value)
        return going_on - worst

    def start_test(self, party: str) -> float:
        paid = self.paid(party, set(range(len(self.options))))
        return self.u(party, self.target) - (1 - self.delta(party)) * paid - self.nothing(party)


# --- random cases ----------------------------------------------------------------------------------------------------


def random_case(seed: int) -> tuple[CaseDict, Levels]:
    """A small case with a plan, and a target that its options can move to."""
    rng = random.Random(seed)
    while True:
        case = _situation(rng)
        space = Space(case)
        if len(space.feasible) < 4:
            continue
        _status_quo(rng, case, space)
        case["preferences"] = _preferences(rng, case, space)
        case["plan"] = _plan(rng, case)
        values = Values(case, space.feasible[0])
        targets = [x for x in space.feasible if x != values.today and _can(values, x)]
        if targets:
            most = max(sum(a != b for a, b in zip(x, values.today, strict=True)) for x in targets)
            far = [x for x in targets if sum(a != b for a, b in zip(x, values.today, strict=True)) >= most - 1]
            return case, rng.choice(far)


def _can(values: Values, x: Levels) -> bool:
    for o, (a, b) in enumerate(zip(values.today, x, strict=True)):
        step = 1 if b > a else -1
        if any(c + step not in values.reach(o, c) for c in range(a, b, step)):
            return False
    return True


def _situation(rng: random.Random) -> CaseDict:
    parties = rng.choice((2, 2, 3))
    case: CaseDict = {
        "detente": 1,
        "name": "random-plan",
        "as_of": "2024-01-31",
        "period": rng.choice(("month", "month", "week", "quarter", "year", "day")),
        "parties": {f"p{n}": {} for n in range(1, parties + 1)},
        "options": {},
    }
    for party in case["parties"].values():
        if rng.random() < 0.8:
            party["discount"] = rng.choice((0.5, 0.8, 0.9, 0.97))
        if rng.random() < 0.2:
            party["scale"] = rng.randint(1, 20)
    if parties == 3:
        case["parties"]["p3"]["role"] = rng.choice(("signatory", "affected", "guarantor", "mediator"))
    for n in range(1, rng.choice((2, 3, 3, 4)) + 1):
        names = ["no", "yes"] if rng.random() < 0.4 else ["l0", "l1", "l2", *(["l3"] if rng.random() < 0.2 else [])]
        option: dict[str, Any] = {"party": f"p{rng.randint(1, parties)}", "levels": names}
        if rng.random() < 0.3:
            option["moves"] = rng.choice(("up", "down"))
        elif rng.random() < 0.35:
            option["irreversible"] = sorted(rng.sample(names, rng.randint(1, len(names) - 1)))
        case["options"][f"o{n}"] = option
    if rng.random() < 0.5:
        case["infeasible"] = [_condition(rng, case) for _ in range(rng.choice((1, 1, 2)))]
    return case


def _condition(rng: random.Random, case: CaseDict) -> str:
    options = list(case["options"])
    texts = []
    for o in rng.sample(options, min(len(options), rng.choice((1, 2, 2)))):
        names = case["options"][o]["levels"]
        texts.append(f"{o} {rng.choice(('==', '>=', '<=', '!='))} {rng.choice(names)}")
    return rng.choice((" and ", " and ", " or ")).join(texts)


def _status_quo(rng: random.Random, case: CaseDict, space: Space) -> None:
    first = (0,) * len(space.options)
    today = first if first in space.feasible and rng.random() < 0.4 else rng.choice(space.feasible)
    names = [o.levels for o in space.options]
    case["status_quo"] = {o.id: names[n][today[n]] for n, o in enumerate(space.options)}


def _preferences(rng: random.Random, case: CaseDict, space: Space) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for party, written in case["parties"].items():
        chance = rng.random()
        if chance < 0.06 or written.get("role") == "mediator":
            continue
        if chance < 0.16:
            ids = list(space.ids)
            rng.shuffle(ids)
            tied = rng.randint(1, 2)
            out[party] = {"ranking": [ids[n : n + tied] if tied > 1 else ids[n] for n in range(0, len(ids), tied)]}
            continue
        utility: dict[str, Any] = {}
        for o, option in case["options"].items():
            sign = 1 if option["party"] != party else -1
            utility[o] = {v: sign * rng.randint(-2, 9) for v in option["levels"][1:] if rng.random() < 0.9}
        for _ in range(rng.choice((0, 1, 2))):
            utility[_condition(rng, case)] = rng.choice(
                (rng.randint(-6, 6), f"{rng.randint(-6, 0)}..{rng.randint(1, 6)}")
            )
        out[party] = {"utility": utility}
    return out or {"p1": {"utility": {"o1": {case["options"]["o1"]["levels"][1]: 1}}}}


def _number(rng: random.Random, case: CaseDict, numbers: tuple[Any, ...]) -> Any:
    if rng.random() < 0.65:
        return rng.choice(numbers)
    when = {_condition(rng, case): rng.choice(numbers) for _ in range(rng.choice((1, 2)))}
    return {"default": rng.choice(numbers), "when": when}


def _per_level(rng: random.Random, case: CaseDict, numbers: tuple[Any, ...], often: float) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for o, option in case["options"].items():
        levels = {v: rng.choice(numbers) for v in option["levels"] if rng.random() < 0.8}
        if rng.random() < often and levels:
            out[o] = levels
    return out


def _plan(rng: random.Random, case: CaseDict) -> dict[str, Any]:
    parties, options = case["parties"], case["options"]
    lags = (0, 1, 2, 3, "1..4", 5)
    plan: dict[str, Any] = {
        "snapback": rng.random() < 0.8,
        "values": rng.choice(("discounted", "discounted", "patient")),
    }
    plan["lag"] = {p: _number(rng, case, lags) for p in parties} if rng.random() < 0.6 else _number(rng, case, lags)
    if rng.random() < 0.65:
        plan["undo"] = _per_level(rng, case, (1, 2, 4, "2..5", 0), 0.6)
    if rng.random() < 0.4:
        plan["breakdown"] = _places(rng, case)
        if rng.random() < 0.5:
            plan["breakdown"]["by"] = {p: _places(rng, case) for p in parties if rng.random() < 0.6}
    if rng.random() < 0.6:
        plan["breach_cost"] = {
            p: {"once": _number(rng, case, (5, 20))} if rng.random() < 0.3 else _number(rng, case, (1, 2, "0..5"))
            for p in parties
        }
    if rng.random() < 0.5:
        plan["conceal"] = {o: _number(rng, case, (0, 0.1, 0.5, 1)) for o in options if rng.random() < 0.6}
    if rng.random() < 0.4:
        plan["false_alarm"] = _number(rng, case, (0.01, 0.1, "0..0.4", 1))
    if rng.random() < 0.4:
        plan["outside"] = {p: _number(rng, case, (-3, 0, 2, 5)) for p in parties if rng.random() < 0.7}
    if rng.random() < 0.5:
        costs = _per_level(rng, case, (1, 3, 12), 0.6)
        plan["costs"] = {o: {v: {"once": n} for v, n in levels.items()} for o, levels in costs.items()}
    if rng.random() < 0.5:
        plan["takes"] = _per_level(rng, case, (1, 2, "0..3"), 0.5)
    if rng.random() < 0.3:
        plan["margin"] = rng.choice((-0.1, 0.05))
    return plan


def _places(rng: random.Random, case: CaseDict) -> dict[str, Any]:
    return {o: rng.choice(w["levels"]) for o, w in case["options"].items() if rng.random() < 0.5}
