"""Shares over draws, from the definitions: every draw is a case with plain numbers, every deal is looked at."""

import copy
import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.literal.settlement import Bargain, Levels, points, random_case, rational, undominated, verdict

CaseDict = dict[str, Any]


@dataclass
class Shares:
    """Counts over draws, not yet divided by their number."""

    verdicts: list[str]
    chosen: dict[str, dict[Levels, Fraction]]
    zone: dict[Levels, int]
    frontier: dict[Levels, int]
    regret: dict[Levels, Fraction]


def shares(draws: Sequence[CaseDict], stakes: dict[str, Fraction], rules: Sequence[str]) -> Shares:
    """The tally; ``stakes`` of the signatories."""
    bargains = [Bargain(c) for c in draws]
    deals = bargains[0].deals
    axes = bargains[0].axes
    out = Shares([], {r: dict.fromkeys(deals, Fraction(0)) for r in rules}, dict.fromkeys(deals, 0),
                 dict.fromkeys(deals, 0), {})  # fmt: skip
    for b in bargains:
        kind, _ = verdict(b)
        out.verdicts.append(kind)
        if kind == "none":
            continue
        inside = rational(b)
        for x in inside:
            out.zone[x] += b.strict(x)
        for x in undominated(b, inside):
            out.frontier[x] += 1
        for rule, picked in points(b).items():
            classes = {tuple(b.utility[p][x] for p in axes) for x in picked}
            for x in picked:
                out.chosen[rule][x] += Fraction(1, len(classes))
    for x in deals:
        out.regret[x] = max(
            (max([b.gain(p, y) for y in rational(b)], default=Fraction(0)) - b.gain(p, x)) / stakes[p]
            for b in bargains
            for p in axes
        )
    return out


def uncertain_case(seed: int) -> CaseDict:
    """A small case with uncertain numbers, orders, and parties of which only some comparisons are known."""
    rng = random.Random(seed)
    case = copy.deepcopy(random_case(seed))
    states = Bargain(case).deals
    for party, written in list(case["preferences"].items()):
        kind = rng.choice(("utility", "utility", "utility", "order", "partial"))
        if kind == "utility":
            written["utility"] = {k: _blurred(rng, w) for k, w in written["utility"].items()}
            continue
        texts = [pattern(case, x) for x in states]
        rng.shuffle(texts)
        if kind == "partial" and len(texts) > 2:
            pairs = [[texts[i], texts[i + 1]] for i in range(0, len(texts) - 1, rng.choice((1, 2, 2)))]
            case["preferences"][party] = {"partial": pairs}
        else:
            tied = rng.choice((1, 1, 2))
            case["preferences"][party] = {
                "ranking": [texts[n : n + tied] if tied > 1 else texts[n] for n in range(0, len(texts), tied)]
            }
    orders = {p for p, w in case["preferences"].items() if "utility" not in w}
    disagreement = case.get("disagreement")
    if orders and disagreement != "status_quo":
        case["disagreement"] = "status_quo"
    elif isinstance(disagreement, dict) and "payoffs" in disagreement and rng.random() < 0.5:
        disagreement["payoffs"] = {p: _number(rng, v) for p, v in disagreement["payoffs"].items()}
    case.get("settlement", {}).pop("weights", None)
    return case


def pattern(case: CaseDict, x: Levels) -> str:
    """A condition that one state matches."""
    return " and ".join(f"{o} == {w['levels'][k]}" for (o, w), k in zip(case["options"].items(), x, strict=True))


def _blurred(rng: random.Random, worth: Any) -> Any:
    if isinstance(worth, dict):
        return {level: _number(rng, v) if rng.random() < 0.4 else v for level, v in worth.items()}
    return _number(rng, worth) if rng.random() < 0.4 else worth


def _number(rng: random.Random, value: float) -> str:
    wide = rng.choice((0.25, 1, 2))
    return rng.choice((f"{value} ± {wide}", f"{value - wide}..{value + wide}", f"{value - wide}..{value}..{value + 2}"))
