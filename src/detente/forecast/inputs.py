"""The uncertain inputs of a forecast: what can be asked about, each with the random streams that it moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from detente.case.fields import Amount
from detente.forecast.drawing import Source
from detente.forecast.dynamics import Floats
from detente.forecast.worths import COMPLETION, ORDER
from detente.graph.completions import completion_path
from detente.space.draws import Draws, Path, quantile

NUMBER, TYPE, WHOLE = "number", "type", "order"


@dataclass(frozen=True)
class Factor:
    """One input, or several that move together.

    Attributes:
        path: as written, without the level where the levels of an option share their quantile.
        kind: number | type | order (a whole order of states, or what is left open of one).
        streams: the random streams; the first is its own, the others are correlated with it.
        written: the numbers that it moves, with their paths.
        behaviour: whether it is behaviour; else preferences and types.
        party: whose type or order it is.
    """

    path: str
    kind: str
    streams: tuple[str, ...]
    written: tuple[tuple[Path, Amount], ...] = ()
    behaviour: bool = False
    party: str | None = None

    def quantiles(self, draws: Draws) -> Floats | None:
        """Where each draw of it stands, shape (draws,); the type's number for a type; None for an order."""
        if self.kind == TYPE and self.party is not None:
            return draws.types(self.party).astype(np.float64)
        return None if self.kind == WHOLE else draws.uniforms(self.streams[0])

    def value(self, draws: Draws, at: float) -> float | None:
        """Value of the number at a quantile: of the last level where levels move together; None if no number."""
        if not self.written:
            return None
        return float(quantile(self.written[-1][1], draws.case.shared, np.array([at]))[0])


def factors_of(source: Source) -> tuple[Factor, ...]:
    """Every uncertain input that the forecast reads, shared numbers once, in file order, behaviour last.

    Args:
        source: what the forecast draws from.
    """
    draws, dynamics = source.draws, source.dynamics
    plain = Draws(draws.case, 1, draws.seed)
    numbers: dict[str, list[tuple[Path, Amount]]] = {}
    behaviour = [x for s in source.settings for x in s.numbers()]
    for path, amount in [(i.path, i.amount) for i in plain.inputs.values() if _read(source, i.path)] + behaviour:
        if amount.quantity.resolve(draws.case.shared).uncertain:
            held = numbers.setdefault(stream_of(plain, path, amount), [])
            if path not in [p for p, _ in held]:
                held.append((path, amount))
    together = _correlated(draws)
    own = {p for p, _ in behaviour}
    found: dict[str, Factor] = {}
    for stream, written in numbers.items():
        streams = together.get(stream, (stream,))
        lead = next((s for s in streams if s in found), None)
        if lead is None:
            every = all(path in own for path, _ in written)
            found[stream] = Factor(_name(stream, written), NUMBER, _first(stream, streams), tuple(written), every)
    whole = [f for p in dynamics.parties for f in _wholes(source, p)]
    return (*(f for f in found.values() if not f.behaviour), *whole, *(f for f in found.values() if f.behaviour))


def stands_for(source: Source, factor: Factor, at: float) -> bool:
    """Whether an input, held somewhere with all else at point values, changes nothing.

    So it is with the type that the case chooses, with what belongs to another type, and with how likely types are.
    """
    types = source.draws.case.types
    if factor.kind == TYPE and factor.party is not None:
        written = list(source.draws.case.file.preferences[factor.party].types or {})
        return written[int(at)] == types[factor.party]
    kinds = [p for p, _ in factor.written if len(p) >= 5 and p[0] == "preferences" and p[2] == "types"]
    return (
        factor.kind == NUMBER
        and len(kinds) == len(factor.written)
        and all(p[3] != types[p[1]] or p[4] == "prior" for p in kinds)
    )


def stream_of(draws: Draws, path: Path, amount: Amount) -> str:
    """Name of the stream that a number reads."""
    return draws._stream(path, amount)  # noqa: SLF001 - one definition of it


def _first(stream: str, streams: Iterable[str]) -> tuple[str, ...]:
    return (stream, *(s for s in streams if s != stream))


def _name(stream: str, written: list[tuple[Path, Amount]]) -> str:
    if stream.startswith("numbers."):
        return stream
    return ".".join(written[0][0]) if len(written) == 1 else stream


def _read(source: Source, path: Path) -> bool:
    """Whether the forecast reads a number outside its own block."""
    dynamics = source.dynamics
    if path[0] == "preferences" and path[1] in dynamics.parties:
        return _type_read(source, path)
    if path[0] == "parties" and path[2] == "discount" and dynamics.foresight == "deep":
        return path[1] in dynamics.movers
    if source.masks is None or not dynamics.among:
        return False
    return (f"parties.{path[2]}" if path[0] == "parties" else path[0]) in source.masks.reads


def _type_read(source: Source, path: Path) -> bool:
    """Whether a number is that of a type that can occur, or a prior that is drawn from."""
    if len(path) < 5 or path[2] != "types":
        return True
    if path[1] in source.chosen:
        return path[4] != "prior" and path[3] == source.draws.case.types[path[1]]
    return True


def _wholes(source: Source, party: str) -> list[Factor]:
    """A party's type and order, where these are drawn."""
    written = source.draws.case.file.preferences.get(party)
    out = []
    if written is not None and written.types and party not in source.chosen and len(written.types) > 1:
        path = f"preferences.{party}.types"
        out.append(Factor(path, TYPE, (path,), party=party))
    worths = next(w for w in source.worths if w.party == party)
    if any(t.kind in (ORDER, COMPLETION) for t in worths.of_type.values()):
        streams = (f"preferences.{party}.order", completion_path(party))
        out.append(Factor(f"preferences.{party}", WHOLE, streams, party=party))
    return out


def _correlated(draws: Draws) -> Mapping[str, tuple[str, ...]]:
    """Stream -> all streams that it is correlated with, itself included."""
    plain = Draws(draws.case, 1, draws.seed)
    groups: list[set[str]] = []
    for first, second, _ in draws.case.file.correlated:
        joined = {*plain._streams_of(first), *plain._streams_of(second)}  # noqa: SLF001
        apart = [g for g in groups if not g & joined]
        groups = [*apart, joined.union(*(g for g in groups if g & joined))]
    return {s: tuple(sorted(g)) for g in groups for s in g}
