"""What all sides could accept, straight from the definitions: every deal is looked at, in fractions."""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.literal.conditions import condition

CaseDict = dict[str, Any]
Levels = tuple[int, ...]
ZERO, ONE = Fraction(0), Fraction(1)


class Bargain:
    """A case with written utilities, every feasible deal listed."""

    def __init__(self, case: CaseDict) -> None:
        self.case = case
        self.options = list(case["options"])
        self.names = {o: list(w.get("levels", ["no", "yes"])) for o, w in case["options"].items()}
        self.owner = {o: w["party"] for o, w in case["options"].items()}
        self.everything = [
            tuple(reversed(c)) for c in itertools.product(*(range(len(n)) for n in reversed(self.names.values())))
        ]
        self.rules = [condition(text, self.names) for text in case.get("infeasible", [])]
        self.deals = [x for x in self.everything if not any(rule(x) for rule in self.rules)]
        role = {p: (w or {}).get("role", "signatory") for p, w in case["parties"].items()}
        self.axes = [p for p in case["parties"] if role[p] == "signatory"]
        owners = [p for p in case["parties"] if p not in self.axes and p in self.owner.values()]
        self.owners = [p for p in owners if role[p] != "mediator"]
        self.voices = self.axes + self.owners
        self.status_quo = tuple(
            names.index(case.get("status_quo", {}).get(o, names[0])) for o, names in self.names.items()
        )
        self.utility = {p: self._utility(p) for p in case["parties"]}
        self.d = {p: self._disagreement(p) for p in self.voices}

    def _utility(self, party: str) -> dict[Levels, Fraction]:
        written = self.case["preferences"].get(party, {}).get("utility", {})
        out = dict.fromkeys(self.everything, ZERO)
        for key, worth in written.items():
            if key in self.names:
                place = self.options.index(key)
                table = [Fraction(str(worth.get(level, 0))) for level in self.names[key]]
                for x in self.everything:
                    out[x] += table[x[place]]
            else:
                test = condition(key, self.names)
                for x in self.everything:
                    out[x] += Fraction(str(worth)) if test(x) else ZERO
        return out

    def _disagreement(self, party: str) -> Fraction:
        spec = self.case.get("disagreement", "status_quo")
        if spec == "status_quo":
            return self.utility[party][self.status_quo]
        if "payoffs" in spec:
            written = spec["payoffs"].get(party)
            return self.utility[party][self.status_quo] if written is None else Fraction(str(written))
        if "state" in spec:
            return self.utility[party][self._state(spec["state"])]
        total = ZERO
        for ticket in spec["lottery"]:
            total += Fraction(str(ticket["chance"])) * self.utility[party][self._state(ticket["state"])]
        return total

    def _state(self, written: Any) -> Levels:
        if written == "status_quo":
            return self.status_quo
        levels = list(self.status_quo)
        for option, level in written.items():
            levels[self.options.index(option)] = self.names[option].index(level)
        return tuple(levels)

    def covered(self, x: Levels) -> list[str]:
        """Whose acceptance a deal needs: signatories, and owners one of whose options it moves from the status quo."""
        moved = {self.owner[o] for o, a, b in zip(self.options, x, self.status_quo, strict=True) if a != b}
        return self.axes + [p for p in self.owners if p in moved]

    def gain(self, party: str, x: Levels) -> Fraction:
        return self.utility[party][x] - self.d[party]

    def acceptable(self, x: Levels) -> bool:
        return all(self.gain(p, x) >= 0 for p in self.covered(x))

    def gaining(self, x: Levels) -> bool:
        return any(self.gain(p, x) > 0 for p in self.covered(x))

    def strict(self, x: Levels) -> bool:
        return all(self.gain(p, x) > 0 for p in self.covered(x))

    def stake(self, party: str) -> Fraction:
        written = (self.case["parties"][party] or {}).get("scale")
        if written is not None:
            return Fraction(str(written))
        values = [self.utility[party][x] for x in self.deals]
        return (max(values) - min(values)) or abs(values[0] - self.d[party]) or ONE

    def money(self, party: str) -> Fraction | None:
        written = (self.case["parties"][party] or {}).get("money")
        return None if written is None else Fraction(str(written))

    def weight(self, party: str) -> Fraction:
        return Fraction(str(self.case.get("settlement", {}).get("weights", {}).get(party, 1)))


# --- verdict, frontier, points ---------------------------------------------------------------------------------------


def verdict(b: Bargain) -> tuple[str, int]:
    """zone: some deal strictly better for all; weak: nobody loses and someone gains; none."""
    strict = sum(b.strict(x) for x in b.deals)
    weak = sum(b.acceptable(x) and b.gaining(x) for x in b.deals)
    return ("zone", strict) if strict else ("weak", weak) if weak else ("none", 0)


def dominates(b: Bargain, y: Levels, x: Levels) -> bool:
    gains = [(b.gain(p, y), b.gain(p, x)) for p in b.axes]
    return all(a >= c for a, c in gains) and any(a > c for a, c in gains)


def undominated(b: Bargain, among: Sequence[Levels]) -> set[Levels]:
    return {x for x in among if not any(dominates(b, y, x) for y in among)}


def rational(b: Bargain) -> list[Levels]:
    return [x for x in b.deals if b.acceptable(x)]


def best(among: Sequence[Levels], key: Callable[[Levels], Any]) -> set[Levels]:
    keys = {x: key(x) for x in among}
    top = max(keys.values())
    return {x for x, k in keys.items() if k == top}


def points(b: Bargain) -> dict[str, set[Levels]]:
    """Every rule over all deals nobody loses by; of what a rule picks, the undominated part (weights may be 0)."""
    R = rational(b)
    ideal = {p: max(b.gain(p, x) for x in R) for p in b.axes}
    able = [p for p in b.axes if ideal[p] > 0]
    w = {p: b.weight(p) for p in b.axes}
    ratio = {x: [b.gain(p, x) / ideal[p] for p in able] for x in R}
    heavy = [p for p in able if w[p] > 0]
    found = {
        "nash": nash(b, R, able, w),
        "ks": best(R, lambda x: sorted(ratio[x])),
        "egalitarian": best(R, lambda x: sorted(b.gain(p, x) / w[p] for p in heavy)),
        "utilitarian": best(R, lambda x: sum(w[p] * b.utility[p][x] for p in b.axes)),
        "relative_utilitarian": best(R, lambda x: sum(ratio[x], ZERO)),
        "equal_loss": best(R, lambda x: sorted(b.gain(p, x) - ideal[p] for p in able)),
        "fallback": fallback(b, R),
    }
    efficient = undominated(b, R)
    return {rule: chosen & efficient for rule, chosen in found.items()}


def nash(b: Bargain, R: list[Levels], able: list[str], w: Mapping[str, Fraction]) -> set[Levels]:
    """As many strict gainers as possible; for each such group, the largest product of gains to the power of weights."""
    group = {x: tuple(p for p in able if b.gain(p, x) > 0) for x in R}
    most = max(len(g) for g in group.values())
    denominator = 1
    for value in w.values():
        denominator *= value.denominator
    out: set[Levels] = set()
    for g in {g for g in group.values() if len(g) == most}:
        inside = [x for x in R if group[x] == g]

        def product(x: Levels, g: tuple[str, ...] = g) -> Fraction:
            total = ONE
            for p in g:
                total *= b.gain(p, x) ** int(w[p] * denominator)
            return total

        out |= best(inside, product)
    return out


def fallback(b: Bargain, R: list[Levels]) -> set[Levels]:
    """The worst place in anybody's order of all feasible states as good as possible; then least often taken."""
    place = {}
    for p in b.axes:
        values = sorted({b.utility[p][x] for x in b.deals}, reverse=True)
        place[p] = {x: values.index(b.utility[p][x]) for x in R}

    def key(x: Levels) -> tuple[int, int]:
        places = [place[p][x] for p in b.axes]
        return -max(places), -places.count(max(places))

    return best(R, key)


def equal_ratio(b: Bargain) -> set[Levels]:
    R = sorted(undominated(b, rational(b)))
    ideal = {p: max(b.gain(p, x) for x in R) for p in b.axes}
    able = [p for p in b.axes if ideal[p] > 0]

    def key(x: Levels) -> Fraction:
        shares = [b.gain(p, x) / ideal[p] for p in able]
        return min(shares) - max(shares)

    return best(R, key)


# --- no zone ---------------------------------------------------------------------------------------------------------


@dataclass
class Report:
    """Each part of the report where there is no zone."""

    gaining: int
    uniform: tuple[Fraction, set[Levels]] | None = None
    total: tuple[Fraction, set[Levels]] | None = None
    blocking: set[frozenset[str]] = field(default_factory=set)
    accepting: set[frozenset[str]] = field(default_factory=set)
    mixture: bool = False
    surplus: tuple[Fraction, set[Levels]] | None = None
    falls: dict[str, tuple[Fraction, set[Levels]] | None] = field(default_factory=dict)


def report(b: Bargain) -> Report:
    among = [x for x in b.deals if b.gaining(x)]
    if not among:
        return Report(0)
    loss = {x: [max(ZERO, -b.gain(p, x)) / b.stake(p) for p in b.covered(x)] for x in among}
    refuses = {x: {p for p in b.covered(x) if b.gain(p, x) < 0} for x in among}

    def met(group: frozenset[str]) -> bool:
        return any(not refuses[x] & group for x in among)

    groups = [frozenset(g) for k in range(len(b.voices) + 1) for g in itertools.combinations(b.voices, k)]
    falls: dict[str, tuple[Fraction, set[Levels]] | None] = {}
    for p in b.voices:
        alone = [x for x in among if refuses[x] == {p}]
        falls[p] = least(alone, lambda x, p=p: -b.gain(p, x)) if alone else None  # type: ignore[misc]
    rich = all(b.money(p) is not None for p in b.voices)
    surplus = least(among, lambda x: -sum((b.gain(p, x) / b.money(p) for p in b.covered(x)), ZERO)) if rich else None  # type: ignore[operator]
    return Report(
        gaining=len(among),
        uniform=least(among, lambda x: max(loss[x])),
        total=least(among, lambda x: sum(loss[x], ZERO)),
        blocking={g for g in groups if not met(g) and all(met(g - {p}) for p in g)},
        accepting={g for g in groups if met(g) and not any(met(g | {p}) for p in b.voices if p not in g)},
        mixture=mixture_exists(b),
        surplus=None if surplus is None else (-surplus[0], surplus[1]),
        falls=falls,
    )


def least(among: Sequence[Levels], key: Callable[[Levels], Fraction]) -> tuple[Fraction, set[Levels]]:
    keys = {x: key(x) for x in among}
    low = min(keys.values())
    return low, {x for x, k in keys.items() if k == low}


def mixture_exists(b: Bargain) -> bool:
    """Some mixture of feasible deals: all whose acceptance the mixed deals need expect no loss, and somebody a gain.

    For a group of owners, there is one exactly if no prices, all above 0, make every deal worth at most 0 (Stiemke).
    """
    for k in range(len(b.owners) + 1):
        for group in itertools.combinations(b.owners, k):
            voices = b.axes + list(group)
            rows = {tuple(b.gain(p, x) for p in voices) for x in b.deals if set(b.covered(x)) <= set(voices)}
            if rows and not prices_exist(sorted(rows)):
                return True
    return False


def prices_exist(rows: Sequence[tuple[Fraction, ...]]) -> bool:
    """Whether some p > 0 has p.row <= 0 for all rows, by Fourier-Motzkin elimination with the last price set to 1."""
    parties = len(rows[0])
    # a.q + c <= 0 (or < 0 where strict) over the other prices q
    system = {(row[:-1], row[-1], False) for row in rows}
    for i in range(parties - 1):
        system.add((tuple(-ONE if j == i else ZERO for j in range(parties - 1)), ZERO, True))
    for _ in range(parties - 1):
        system = eliminated(system)
    return all(c < 0 or (c == 0 and not strict) for _, c, strict in system)


Row = tuple[tuple[Fraction, ...], Fraction, bool]


def eliminated(system: set[Row]) -> set[Row]:
    """The system without its first unknown."""
    out = {(a[1:], c, s) for a, c, s in system if a[0] == 0}
    upper = {(tuple(v / a[0] for v in a[1:]), c / a[0], s) for a, c, s in system if a[0] > 0}
    lower = {(tuple(v / -a[0] for v in a[1:]), c / -a[0], s) for a, c, s in system if a[0] < 0}
    for (a, c, s), (e, f, t) in itertools.product(tightest(upper), tightest(lower)):
        out.add((tuple(x + y for x, y in zip(a, e, strict=True)), c + f, s or t))
    return tightest(out)


def tightest(rows: set[Row]) -> set[Row]:
    """Of rows with the same coefficients, the one that says most."""
    found: dict[tuple[Fraction, ...], tuple[Fraction, bool]] = {}
    for a, c, s in rows:
        found[a] = max(found.get(a, (c, s)), (c, s))
    return {(a, c, s) for a, (c, s) in found.items()}


def opening(b: Bargain) -> tuple[dict[frozenset[int], int], set[frozenset[int]]]:
    """Smallest sets of conditions to lift for a zone, with the deals each opens; smallest sets that keep it away."""
    numbers = range(len(b.rules))
    groups = [frozenset(g) for k in range(len(b.rules) + 1) for g in itertools.combinations(numbers, k)]

    def deals(imposed: frozenset[int]) -> list[Levels]:
        return [x for x in b.everything if not any(b.rules[n](x) for n in imposed) and b.acceptable(x) and b.gaining(x)]

    zone = {g: deals(g) for g in groups}
    whole = frozenset(numbers)
    opens = {g: len(zone[whole - g]) for g in groups if zone[whole - g] and not any(zone[whole - (g - {n})] for n in g)}
    blocking = {g for g in groups if not zone[g] and all(zone[g - {n}] for n in g)}
    return opens, blocking


def new_levels(b: Bargain) -> dict[tuple[str, int], int]:
    """(option, lower level) -> pairs of neighbouring deals with a mixture all accept and somebody gains by."""
    feasible = set(b.deals)
    out: dict[tuple[str, int], int] = {}
    for place, option in enumerate(b.options):
        for x in b.deals:
            y = (*x[:place], x[place] + 1, *x[place + 1 :])
            if y in feasible and mixes(b, x, y):
                out[option, x[place]] = out.get((option, x[place]), 0) + 1
    return out


def mixes(b: Bargain, x: Levels, y: Levels) -> bool:
    """Whether a share strictly between 0 and 1 does; tried at every crossing and between each two."""
    voices = [p for p in b.voices if p in b.covered(x) or p in b.covered(y)]
    pairs = [(b.gain(p, x), b.gain(p, y)) for p in voices]
    crossings = sorted({ZERO, ONE} | {t for a, c in pairs if a != c and 0 < (t := -a / (c - a)) < 1})
    tried = [*crossings[1:-1], *((s + t) / 2 for s, t in itertools.pairwise(crossings))]
    for t in tried:
        mixed = [(1 - t) * a + t * c for a, c in pairs]
        if min(mixed) >= 0 and max(mixed) > 0:
            return True
    return False


# --- cases -----------------------------------------------------------------------------------------------------------

MOST_DEALS = 40


def random_case(seed: int) -> CaseDict:
    """A small case with written utilities: ties, indifferent parties, single levels, conditions, empty zones."""
    rng = random.Random(seed)
    while True:
        case = _draft(rng)
        bargain_names = {o: w["levels"] for o, w in case["options"].items()}
        tests = [condition(t, bargain_names) for t in case["infeasible"]]
        first = tuple(names.index(case["status_quo"].get(o, names[0])) for o, names in bargain_names.items())
        if not any(t(first) for t in tests):
            return case


def _draft(rng: random.Random) -> CaseDict:
    count = rng.choice((2, 2, 3, 3, 4))
    parties: dict[str, Any] = {f"p{n}": {} for n in range(count)}
    extra = rng.choice(("", "", "guarantor", "affected", "mediator"))
    if extra:
        parties["x"] = {"role": extra}
    rich = rng.random() < 0.6
    for written in parties.values():
        if rich:
            written["money"] = rng.choice((1, 2, 0.5))
        if rng.random() < 0.3:
            written["scale"] = rng.choice((1, 3, 10))
    options: dict[str, Any] = {}
    size = 1
    for n in range(rng.randint(2, 5)):
        levels = rng.choice((1, 2, 2, 3, 3, 4))
        if size * levels > MOST_DEALS:
            continue
        size *= levels
        options[f"o{n}"] = {"party": rng.choice(list(parties)), "levels": [f"l{k}" for k in range(levels)]}
    case: CaseDict = {"detente": 1, "name": "random", "parties": parties, "options": options}
    case["infeasible"] = [_condition(rng, options) for _ in range(rng.choice((0, 0, 1, 2, 3)))]
    case["status_quo"] = {o: rng.choice(w["levels"]) for o, w in options.items() if rng.random() < 0.4}
    opposed = rng.random() < 0.5
    base = _utility(rng, options)
    case["preferences"] = {
        p: {"utility": _against(rng, base, sign) if opposed else _utility(rng, options)}
        for p, sign in zip(parties, itertools.cycle((1, -1)))
        if extra != "mediator" or p != "x"
        if rng.random() < (0.93 if p != "x" else 0.7)
    }
    case["disagreement"] = _disagreement(rng, parties, options)
    if rng.random() < 0.3:
        weights = {p: rng.choice((0, 1, 1, 2, 0.5)) for p, w in parties.items() if "role" not in w}
        if any(weights.values()):
            case["settlement"] = {"weights": weights}
    return case


def _condition(rng: random.Random, options: CaseDict) -> str:
    parts = []
    for option in rng.sample(list(options), min(len(options), rng.choice((1, 2, 2)))):
        level = rng.choice(options[option]["levels"])
        parts.append(f"{option} {rng.choice(('==', '==', '>='))} {level}")
    return " and ".join(parts)


def _utility(rng: random.Random, options: CaseDict) -> CaseDict:
    if rng.random() < 0.06:
        return {next(iter(options)): {}}
    out: CaseDict = {}
    for option, written in options.items():
        if rng.random() < 0.85:
            out[option] = {level: rng.choice((-3, -2, -1, 0, 1, 1, 2, 0.5)) for level in written["levels"][1:]}
    if rng.random() < 0.4:
        out[_condition(rng, options) + " and " + _condition(rng, options)] = rng.choice((-2, -1, 1, 2))
    return out


def _against(rng: random.Random, base: CaseDict, sign: int) -> CaseDict:
    """Near the base or near its opposite: what one party likes another does not."""

    def near(value: float) -> float:
        return sign * value + rng.choice((0, 0, 0, 0.5, -0.5, 1))

    return {k: {level: near(v) for level, v in w.items()} if isinstance(w, dict) else near(w) for k, w in base.items()}


def _disagreement(rng: random.Random, parties: CaseDict, options: CaseDict) -> Any:
    kind = rng.choice(("status_quo", "status_quo", "payoffs", "payoffs", "state", "lottery"))
    state = {o: rng.choice(w["levels"]) for o, w in options.items() if rng.random() < 0.5}
    if kind == "status_quo":
        return kind
    if kind == "payoffs":
        return {"payoffs": {p: rng.choice((-2, -1, 0, 0.5, 1, 2, 3)) for p in parties if rng.random() < 0.8}}
    if kind == "state":
        return {"state": state}
    return {"lottery": [{"chance": 0.25, "state": "status_quo"}, {"chance": 0.75, "state": state}]}


def cases(seeds: range) -> Iterator[CaseDict]:
    return (random_case(seed) for seed in seeds)
