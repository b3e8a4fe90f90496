"""Ratification straight from its definitions: every pattern of votes, vetoes and outcomes is looked at.

A case comes as the file has it; what a requirement needs comes beside its text as nested tuples:
``("vote", body, None | votes)`` and ``("some", count, [parts])``.
"""

import itertools
import math
import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.literal.conditions import condition
from tests.literal.settlement import Bargain, CaseDict, Levels

Floats = NDArray[np.float64]
Formula = tuple[Any, ...]
NODES = 1_201
FAR = 8.5


def grid(shock: float) -> tuple[Floats, Floats]:
    """Return points and weights of the common term: the midpoint rule on a fine grid."""
    if shock == 0:
        return np.zeros(1), np.ones(1)
    edges = np.linspace(-FAR, FAR, NODES + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    weights = np.exp(-(middles**2) / 2) / math.sqrt(2 * math.pi) * (edges[1] - edges[0])
    return middles, weights


def shifted(chance: float, term: Floats) -> Floats:
    """Return the chance with a term added to its log-odds; 0 and 1 stay."""
    if chance in (0, 1):
        return np.full(len(term), float(chance))
    return 1 / (1 + (1 - chance) / chance * np.exp(-term))


def bloc(votes: int, accepts: float, cohesion: float, term: Floats) -> dict[int, Floats]:
    """Return the chance of every number of yes votes of a bloc, by all patterns of its members' votes."""
    p = shifted(accepts, term)
    out = {k: np.zeros(len(term)) for k in range(votes + 1)}
    for pattern in itertools.product((0, 1), repeat=votes):
        chance = np.ones(len(term))
        for vote in pattern:
            chance = chance * (p if vote else 1 - p)
        out[sum(pattern)] += (1 - cohesion) * chance
    out[votes] += cohesion * p
    out[0] += cohesion * (1 - p)
    return out


def yes_votes(blocs: Sequence[tuple[int, float, float]], shock: float) -> list[float]:
    """Return the chance of every number of yes votes of a body with blocs (votes, accepts, cohesion)."""
    z, weights = grid(shock)
    tables = [bloc(*b, shock * z) for b in blocs]
    out = [0.0] * (sum(b[0] for b in blocs) + 1)
    for counts in itertools.product(*tables):
        chance = np.ones(len(z))
        for table, count in zip(tables, counts, strict=True):
            chance = chance * table[count]
        out[sum(counts)] += float(chance @ weights)
    return out


class Home:
    """The bodies of a case and the chance of passage of every feasible deal."""

    def __init__(self, case: CaseDict, formulas: Sequence[Formula]) -> None:
        self.case = case
        self.formulas = formulas
        self.bargain = Bargain(case)
        self.names = self.bargain.names
        self.block = case["ratification"]
        self.cache: dict[Any, float] = {}

    def number(self, written: Any, deal: Levels) -> float:
        """Return a number at a deal: of a conditional one the first case that matches, else the default."""
        if isinstance(written, dict):
            for text, value in written.get("when", {}).items():
                if condition(text, self.names)(deal):
                    return float(value)
            return float(written["default"])
        return float(written)

    def accepts(self, written: Any, deal: Levels) -> float:
        """Return a member's chance of yes; a condition makes it 1 or 0."""
        if isinstance(written, str):
            return float(condition(written, self.names)(deal))
        return self.number(written, deal)

    def unblocked(self, body: str, deal: Levels) -> float:
        """Return the chance that nobody blocks, by all patterns of vetoes."""
        members = []
        for holder in self.vetoes(body).values():
            if isinstance(holder, str):
                gain = self.bargain.utility[holder][deal] - self.bargain._disagreement(holder)
                members.append(0.0 if gain < 0 else 1.0)
            else:
                members.append(self.number(holder, deal))
        total = 0.0
        for pattern in itertools.product((True, False), repeat=len(members)):
            chance = math.prod(m if free else 1 - m for m, free in zip(members, pattern, strict=True))
            total += chance if all(pattern) else 0.0
        return total

    def vetoes(self, body: str) -> dict[str, Any]:
        """Return who can block."""
        written = self.block["bodies"][body].get("veto", {})
        return {p: p for p in written} if isinstance(written, list) else written

    def outcomes(self, body: str, deal: Levels) -> dict[tuple[int | None, bool], float]:
        """Return the chance of every outcome: the number of yes votes (None: not told apart), whether one blocks."""
        written = self.block["bodies"][body]
        free = self.unblocked(body, deal)
        if not written.get("blocs"):
            return {(None, False): free, (None, True): 1 - free}
        blocs = [
            (b["votes"], self.accepts(b["accepts"], deal), self.number(b.get("cohesion", 0), deal))
            for b in written["blocs"].values()
        ]
        chances = yes_votes(blocs, self.number(written.get("shock", 0), deal))
        return {
            (k, blocked): p * (1 - free if blocked else free)
            for k, p in enumerate(chances)
            for blocked in (False, True)
            if p > 0
        }

    def holds(self, formula: Formula, outcome: dict[str, tuple[int | None, bool]]) -> bool:
        """Say whether a formula holds, all outcomes being known."""
        if formula[0] == "some":
            return sum(self.holds(part, outcome) for part in formula[2]) >= int(formula[1])
        _, body, wanted = formula
        yes, blocked = outcome[body]
        quota = self.block["bodies"][body]["quota"] if wanted is None else wanted
        return not blocked and (yes is None or yes >= int(quota))

    def passes(self, deal: Levels) -> float:
        """Return the chance that all requirements which match a deal are met."""
        matching = [
            formula
            for requirement, formula in zip(self.block["requirements"], self.formulas, strict=True)
            if condition(requirement["when"], self.names)(deal)
        ]
        bodies = sorted({body for formula in matching for body in bodies_in(formula)})
        tables = [self.outcomes(body, deal) for body in bodies]
        key = (tuple(map(str, matching)), tuple(tuple(t.items()) for t in tables))
        if key not in self.cache:
            total = 0.0
            for results in itertools.product(*tables):
                outcome = dict(zip(bodies, results, strict=True))
                if all(self.holds(formula, outcome) for formula in matching):
                    total += math.prod(table[r] for table, r in zip(tables, results, strict=True))
            self.cache[key] = total
        return self.cache[key]


def bodies_in(formula: Formula) -> set[str]:
    """Return the bodies that a formula names."""
    if formula[0] == "vote":
        return {formula[1]}
    return set().union(*(bodies_in(part) for part in formula[2]))


# --- random cases ----------------------------------------------------------------------------------------------------


def random_case(rng: random.Random) -> tuple[CaseDict, list[Formula]]:
    """Return a small case with bodies and requirements, and what its requirements need as tuples."""
    options = {
        f"o{n}": {"party": rng.choice(("a", "b", "c")), "levels": ["low", "mid", "high"][: rng.choice((2, 2, 3))]}
        for n in range(1, rng.choice((2, 3)) + 1)
    }
    case: CaseDict = {
        "detente": 1,
        "name": "random-votes",
        "as_of": "2019-01-29",
        "parties": {"a": {}, "b": {}, "c": {"role": "guarantor"}},
        "options": options,
        "preferences": {
            p: {"utility": {o: {v: rng.randint(-2, 2) for v in w["levels"][1:]} for o, w in options.items()}}
            for p in ("a", "b", "c")
        },
    }
    if rng.random() < 0.3:
        case["disagreement"] = {"payoffs": {p: rng.randint(-1, 1) for p in ("a", "b")}}
    bodies = {f"body{n}": _body(rng, case) for n in range(1, rng.choice((1, 2, 2, 3)) + 1)}
    formulas = [_formula(rng, bodies) for _ in range(rng.choice((1, 1, 2, 3)))]
    requirements = [{"when": _where(rng, case), "needs": text_of(f)} for f in formulas]
    case["ratification"] = {"bodies": bodies, "requirements": requirements}
    return case, formulas


def _where(rng: random.Random, case: CaseDict) -> str:
    option = rng.choice(list(case["options"]))
    level = rng.choice(case["options"][option]["levels"])
    text = f"{option} {rng.choice(('>=', '==', '!=', '<='))} {level}"
    return text if rng.random() < 0.7 else f"{text} or {rng.choice(list(case['options']))}"


def _chance(rng: random.Random) -> Any:
    return rng.choice((0, 1, 0.1, 0.25, 0.3, 0.5, 0.6, 0.75, 0.9))


def _conditional(rng: random.Random, case: CaseDict) -> Any:
    if rng.random() < 0.7:
        return _chance(rng)
    return {"default": _chance(rng), "when": {_where(rng, case): _chance(rng) for _ in range(rng.choice((1, 2)))}}


def _body(rng: random.Random, case: CaseDict) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if rng.random() < 0.15:
        body |= {"votes": 3, "quota": rng.randint(1, 3)}
    else:
        blocs = {}
        for n in range(1, rng.choice((1, 2, 2, 3)) + 1):
            accepts = _where(rng, case) if rng.random() < 0.2 else _conditional(rng, case)
            members: dict[str, Any] = {"votes": rng.randint(1, 3), "accepts": accepts}
            blocs[f"bloc{n}"] = members
            if rng.random() < 0.6:
                members["cohesion"] = _conditional(rng, case)
        body |= {"blocs": blocs, "quota": rng.randint(1, sum(b["votes"] for b in blocs.values()))}
        if rng.random() < 0.5:
            body["shock"] = rng.choice((0.3, 1, 2.5))
    if rng.random() < 0.4:
        body["veto"] = rng.choice(
            (["a"], ["a", "b"], {"x": "b", "y": _conditional(rng, case)}, {"x": _chance(rng), "y": 0.5})
        )
    return body


def _formula(rng: random.Random, bodies: dict[str, Any], depth: int = 0) -> Formula:
    if depth == 2 or rng.random() < 0.35 + 0.3 * depth:
        body = rng.choice(list(bodies))
        blocs = bodies[body].get("blocs")
        size = sum(b["votes"] for b in blocs.values()) if blocs else 0
        return ("vote", body, rng.randint(1, size) if size and rng.random() < 0.25 else None)
    parts = [_formula(rng, bodies, depth + 1) for _ in range(rng.choice((2, 2, 3)))]
    return ("some", rng.choice((1, len(parts), rng.randint(1, len(parts)))), parts)


def text_of(formula: Formula) -> str:
    """Write a formula as the file has it."""
    if formula[0] == "vote":
        return str(formula[1]) if formula[2] is None else f"{formula[1]} >= {formula[2]}"
    count, parts = formula[1], [text_of(part) for part in formula[2]]
    if count == len(parts):
        return "(" + " and ".join(parts) + ")"
    if count == 1:
        return "(" + " or ".join(parts) + ")"
    return f"{count} of {{{', '.join(parts)}}}"


def kept(reelected: Fraction, honours: Fraction) -> Fraction:
    """Return the chance that a promise outlives a term, by the two ways in which it can."""
    return reelected * 1 + (1 - reelected) * honours
