"""Draws of the uncertain inputs: one stream of random numbers per input, so that changing one leaves the others alone.

Stream values depend on (seed, path of the input, draw number) and on nothing else: more draws continue the same
sequences, and adding an input or applying a Change moves no other input (common random numbers).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import erfc, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import UsageError, shown
from detente.case.blocks.forecast import forecast_amounts
from detente.case.blocks.plan import parts, plan_amounts
from detente.case.blocks.preferences import Forms
from detente.case.change import Change, Edit
from detente.case.fields import Amount, ConditionalAmount
from detente.case.model import Case
from detente.case.quantities import Domain, Quantity

Floats = NDArray[np.float64]
Path = tuple[str, ...]
LOTTERY: Path = ("disagreement", "lottery")


@dataclass(frozen=True)
class Input:
    """One written number that is uncertain.

    Attributes:
        path: where it stands in the case file.
        amount: what is written there.
        stream: name of the random stream it reads; inputs with the same stream move together.
    """

    path: Path
    amount: Amount
    stream: str


@dataclass(frozen=True, eq=False)
class Draws:
    """Random draws of everything uncertain in a case.

    Attributes:
        case: the case drawn from.
        count: number of draws.
        seed: any integer; the same seed gives the same draws.
    """

    case: Case
    count: int
    seed: int = 0

    @cached_property
    def inputs(self) -> dict[Path, Input]:
        """Every uncertain number by its path."""
        found = (Input(path, amount, self._stream(path, amount)) for path, amount in amounts(self.case))
        return {i.path: i for i in found if i.amount.quantity.resolve(self.case.shared).uncertain}

    def uniforms(self, stream: str) -> Floats:
        """Quantiles of a stream, shape (draws,), each strictly between 0 and 1."""
        if stream in self._copula:
            return self._copula[stream]
        return self._independent(stream)

    def values(self, path: Path) -> Floats:
        """A number in every draw, shape (draws,); its point value in all of them where it is certain.

        Raises:
            UsageError: no number is written there.
        """
        amount = self._written.get(path)
        if amount is None:
            raise UsageError(f"the path {shown('.'.join(path))}", "the path of a number in the case")
        return self.sample(path, amount)

    @cached_property
    def _written(self) -> dict[Path, Amount]:
        return dict(amounts(self.case))

    def sample(self, path: Path, amount: Amount) -> Floats:
        """A number that stands at a path, in every draw, shape (draws,)."""
        return quantile(amount, self.case.shared, self.uniforms(self._stream(path, amount)))

    def level_worths(self, party: str, option: str, kind: str | None = None) -> Floats:
        """Worth of every level of an option for a party (of a type), shape (levels, draws).

        The levels share their quantile and are sorted into the order of their point values, unless the preference
        says ``shape: free``.
        """
        prefix, forms = self._forms(party, kind)
        names = self.case.file.options[option].levels
        written = (forms.utility or {}).get(option)
        worths = np.zeros((len(names), self.count))
        points = [0.0] * len(names)
        for level, amount in (written if isinstance(written, dict) else {}).items():
            number = int(level) if level.isdigit() else names.index(level)
            worths[number] = self.values((*prefix, "utility", option, level))
            points[number] = float(self.case.mean(amount))
        if forms.is_free(option):
            return worths
        out = np.empty_like(worths)
        out[np.argsort(points, kind="stable")] = np.sort(worths, axis=0)
        return out

    def types(self, party: str) -> NDArray[np.int64]:
        """Type of a party in every draw, as its position in the file, shape (draws,)."""
        chances = self.priors(party)
        below = np.cumsum(chances, axis=0)[:-1]
        stream = f"preferences.{party}.types"
        return np.asarray((self.uniforms(stream)[None, :] >= below).sum(axis=0), np.int64)

    def priors(self, party: str) -> Floats:
        """Probability of each type of a party in every draw, shape (types, draws); columns sum to 1."""
        types = self.case.file.preferences[party].types or {}
        out = np.zeros((len(types), self.count))
        rest = None
        for n, (name, kind) in enumerate(types.items()):
            if kind.prior == "rest":
                rest = n
            elif isinstance(kind.prior, Amount):
                out[n] = self.values(("preferences", party, "types", name, "prior"))
            elif all(k.prior is None for k in types.values()):
                out[n] = 1.0
        if rest is not None:
            out[rest] = np.maximum(0.0, 1.0 - out.sum(axis=0))
        total = out.sum(axis=0)
        return out / np.where(total > 0, total, 1.0)

    def order_worths(self, party: str, classes: int) -> Iterator[Floats]:
        """Worths compatible with an order of ``classes`` classes, one array per draw, worst class 0, best 1.

        Each draw takes the order statistics of as many uniforms and rescales them to 0..1. Where only some comparisons
        are known, ``graph.completions.completed_worths`` gives them to a uniform completion.
        """
        return (self.order_worth(party, classes, draw) for draw in range(self.count))

    def order_worth(self, party: str, classes: int, draw: int) -> Floats:
        """The same in one draw, shape (classes,)."""
        sample = np.sort(self.generator(f"preferences.{party}.order", draw).random(classes))
        spread = sample[-1] - sample[0]
        return (sample - sample[0]) / spread if spread > 0 else np.zeros(classes)

    def change(self, draw: int) -> Change:
        """One draw as edits of the case: every uncertain number at its drawn value, levels in their order."""
        values = {path: self.values(path)[draw] for path in self.inputs if path[:2] != LOTTERY}
        for party, preference in self.case.file.preferences.items():
            for kind in preference.types or (None,):
                values.update(self._drawn_levels(party, kind, draw))
        edits = [Edit(path, f"{float(value):.12g}") for path, value in values.items()]
        if any(path[:2] == LOTTERY for path in self.inputs):
            edits.append(Edit(LOTTERY, self._drawn_lottery(draw)))  # a list changes as a whole
        return Change(tuple(edits), f"draw {draw} of seed {self.seed}")

    def _drawn_lottery(self, draw: int) -> list[dict[str, Any]]:
        """The lottery of the disagreement with the chances of one draw."""
        out = []
        for n, ticket in enumerate(self.case.file.disagreement.lottery or ()):
            path = (*LOTTERY, str(n), "chance")
            chance = "rest" if path not in self._written else f"{float(self.values(path)[draw]):.12g}"
            out.append({"chance": chance, "state": ticket.state})
        return out

    def _drawn_levels(self, party: str, kind: str | None, draw: int) -> Iterator[tuple[Path, float]]:
        """Worths of the levels of options of which one at least is uncertain, in one draw, at their paths."""
        prefix, forms = self._forms(party, kind)
        for option, written in (forms.utility or {}).items():
            path = (*prefix, "utility", option)
            if isinstance(written, Amount) or not any(i[: len(path)] == path for i in self.inputs):
                continue
            worths = self.level_worths(party, option, kind)[:, draw]
            for number, name in enumerate(self.case.file.options[option].levels):
                key = str(number) if str(number) in written else name
                if key in written or worths[number]:
                    yield (*path, key), float(worths[number])

    # --- streams -----------------------------------------------------------------------------------------------------

    def _stream(self, path: Path, amount: Amount) -> str:
        if amount.quantity.kind == "shared":
            return f"numbers.{amount.quantity.name}"
        if path[0] == "preferences" and "utility" in path:
            at = path.index("utility")
            option = path[at + 1]
            forms = self._at(path[:at])
            if len(path) == at + 3 and not forms.is_free(option):
                return ".".join((*path[: at + 1], option))
            return ".".join((*path[: at + 1], " ".join(option.split()), *path[at + 2 :]))
        return ".".join(path)

    def _at(self, prefix: Path) -> Forms:
        return self._forms(prefix[1], prefix[3] if len(prefix) > 2 else None)[1]

    def _forms(self, party: str, kind: str | None) -> tuple[Path, Forms]:
        written = self.case.file.preferences[party]
        if written.types is None:
            return ("preferences", party), written
        name = kind or self.case.types[party]
        return ("preferences", party, "types", name), written.types[name]

    def generator(self, stream: str, draw: int | None = None) -> np.random.Generator:
        """The random numbers of a stream, or of one draw of it."""
        text = f"{self.seed}\0{stream}" + ("" if draw is None else f"\0{draw}")
        key = hashlib.blake2b(text.encode(), digest_size=16).digest()
        return np.random.Generator(np.random.Philox(key=np.frombuffer(key, np.uint64)))

    def _independent(self, stream: str) -> Floats:
        # half a step away from 0, so that no quantile function is asked for its end
        return self.generator(stream).random(self.count) + 2.0**-54

    @cached_property
    def _copula(self) -> dict[str, Floats]:
        """Quantiles of the correlated streams: independent normals mixed so that they have the given correlations."""
        from scipy.special import ndtr, ndtri

        rows = self.case.file.correlated
        names = sorted({r for first, second, _ in rows for r in (first, second)})
        if not names:
            return {}
        wanted = np.eye(len(names))
        for first, second, number in rows:
            i, j = names.index(first), names.index(second)
            wanted[i, j] = wanted[j, i] = float(self.case.mean(number))
        mixing = _root(wanted)
        normals = ndtri(np.array([self._independent(self._streams_of(n)[0]) for n in names]))
        mixed = ndtr(mixing @ normals)
        return {s: mixed[n] for n, name in enumerate(names) for s in self._streams_of(name)}

    def _streams_of(self, reference: str) -> list[str]:
        if reference in self.case.file.numbers:
            return [f"numbers.{reference}"]
        party, _, option = reference.partition(".")
        types = self.case.file.preferences[party].types
        prefixes = [f"preferences.{party}"] if types is None else [f"preferences.{party}.types.{t}" for t in types]
        return [f"{p}.utility.{option}" for p in prefixes]


def draws(case: Case, count: int, seed: int = 0) -> Draws:
    """Draw everything uncertain in a case.

    Args:
        case: any valid case.
        count: number of draws.
        seed: any integer.
    """
    if count < 1:
        raise UsageError(f"{count} draws", "at least 1")
    return Draws(case, count, seed)


def amounts(case: Case) -> Iterator[tuple[Path, Amount]]:
    """Every number written in a case that can be uncertain, with its path."""
    file = case.file
    yield from ((("numbers", n), a) for n, a in file.numbers.items())
    for party, details in file.parties.items():
        for field in ("discount", "scale", "money"):
            if (written := getattr(details, field)) is not None:
                yield ("parties", party, field), written
    for party, preference in file.preferences.items():
        yield from _worths(("preferences", party), preference)
        for name, kind in (preference.types or {}).items():
            path = ("preferences", party, "types", name)
            if isinstance(kind.prior, Amount):
                yield (*path, "prior"), kind.prior
            yield from _worths(path, kind)
    for party, amount in (file.disagreement.payoffs or {}).items():
        yield ("disagreement", "payoffs", party), amount
    for n, ticket in enumerate(file.disagreement.lottery or ()):
        if isinstance(ticket.chance, Amount):
            yield (*LOTTERY, str(n), "chance"), ticket.chance
    for party, amount in file.settlement.weights.items():
        yield ("settlement", "weights", party), amount
    yield from () if file.plan is None else plan_amounts(file.plan)
    yield from _votes(case)
    for party, term in file.terms.items():
        yield ("terms", party, "reelected"), term.reelected
        yield ("terms", party, "honours"), term.honours
    yield from () if file.forecast is None else forecast_amounts(file.forecast)


def _votes(case: Case) -> Iterator[tuple[Path, Amount]]:
    """Numbers of the ratification block but for those that count votes."""
    block = case.file.ratification
    for name, body in (block.bodies if block is not None else {}).items():
        path: Path = ("ratification", "bodies", name)
        yield from parts((*path, "shock"), body.shock)
        for bloc, written in body.blocs.items():
            accepts = written.accepts.settled(case.file.options)
            if isinstance(accepts, ConditionalAmount):
                yield from parts((*path, "blocs", bloc, "accepts"), accepts)
            yield from parts((*path, "blocs", bloc, "cohesion"), written.cohesion)
        for veto in body.veto:
            chance = veto.settled(case.file.parties)
            if isinstance(chance, ConditionalAmount):
                yield from parts((*path, "veto", veto.member), chance)


def _worths(path: Path, forms: Forms) -> Iterator[tuple[Path, Amount]]:
    for key, worth in (forms.utility or {}).items():
        if isinstance(worth, Amount):
            yield (*path, "utility", key), worth
        else:
            yield from (((*path, "utility", key, level), amount) for level, amount in worth.items())


def quantile(amount: Amount, shared: Mapping[str, Quantity], uniforms: Floats) -> Floats:
    """Values of a number at some quantiles, conditioned on its domain.

    Args:
        amount: the number as written.
        shared: the shared numbers by name.
        uniforms: quantiles strictly between 0 and 1.
    """
    quantity, domain = amount.quantity.resolve(shared), amount.domain
    numbers = [float(x) for x in quantity.numbers]
    if not quantity.uncertain:
        return np.full(len(uniforms), numbers[0])
    if quantity.kind == "normal":
        return _normal(numbers[0], numbers[1], domain, uniforms)
    low, high = _ends(domain, numbers[0], numbers[-1])
    if quantity.kind == "uniform":
        return low + (high - low) * uniforms
    return _triangular((numbers[0], numbers[1], numbers[2]), low, high, uniforms)


def _ends(domain: Domain, low: float, high: float) -> tuple[float, float]:
    return (
        low if domain.low is None else max(low, float(domain.low)),
        high if domain.high is None else min(high, float(domain.high)),
    )


def _normal(mean: float, sd: float, domain: Domain, uniforms: Floats) -> Floats:
    from scipy.special import ndtri

    low, high = _ends(domain, -np.inf, np.inf)
    a, b = (low - mean) / sd, (high - mean) / sd
    mirrored = a > 0  # work in the lower tail, where the distribution function is accurate
    if mirrored:
        a, b, uniforms = -b, -a, 1.0 - uniforms
    below, above = 0.5 * erfc(-a / sqrt(2)), 0.5 * erfc(-b / sqrt(2))
    z = ndtri(below + uniforms * (above - below))
    return np.clip(mean + sd * (-z if mirrored else z), low, high)


def _triangular(numbers: tuple[float, float, float], low: float, high: float, uniforms: Floats) -> Floats:
    a, mode, b = numbers

    def below(x: float) -> float:
        if x <= mode:
            return (x - a) ** 2 / ((b - a) * (mode - a)) if mode > a else 0.0
        return 1 - (b - x) ** 2 / ((b - a) * (b - mode))

    u = below(low) + uniforms * (below(high) - below(low))
    split = (mode - a) / (b - a)
    rising = a + np.sqrt(u * (b - a) * (mode - a))
    falling = b - np.sqrt(np.maximum(0.0, (1 - u) * (b - a) * (b - mode)))
    return np.clip(np.where(u < split, rising, falling), low, high)


def _root(matrix: Floats) -> Floats:
    """Lower triangular square root of a correlation matrix that may be singular."""
    size = len(matrix)
    root = np.zeros((size, size))
    for i in range(size):
        for j in range(i + 1):
            left = matrix[i, j] - root[i, :j] @ root[j, :j]
            if i == j:
                root[i, i] = np.sqrt(max(left, 0.0))
            elif root[j, j] > 1e-9:
                root[i, j] = left / root[j, j]
    return root
