"""Uncertain numbers: ``6``, ``6 ± 2`` (normal), ``4..8`` (uniform), ``4..6..8`` (triangular), or a shared one's name.

Written numbers are decimals and kept as exact fractions; the point value of a number is its mean after truncation to
its domain.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from detente.base.errors import shown
from detente.case.conditions import IDENTIFIER

NUM = r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
POINT = re.compile(rf"\s*({NUM})\s*")
NORMAL = re.compile(rf"\s*({NUM})\s*(?:±|\+-)\s*({NUM})\s*")
RANGE = re.compile(rf"\s*({NUM})\s*\.\.\s*({NUM})\s*(?:\.\.\s*({NUM})\s*)?")
FORMS = "a number: 6, 6 ± 2, 4..8, 4..6..8 or the name of a shared number"
LARGEST = Fraction(10) ** 18
MOST_DIGITS = 40


class QuantityError(ValueError):
    """A number that cannot be read."""

    def __init__(self, found: str, expected: str = FORMS, fix: str = "") -> None:
        super().__init__(f"found {found}; expected {expected}")
        self.found, self.expected, self.fix = found, expected, fix


@dataclass(frozen=True, slots=True)
class Domain:
    """Where a number must lie: ``low`` to ``high``, ends included unless ``open_ends``."""

    low: Fraction | None = None
    high: Fraction | None = None
    open_ends: bool = False
    name: str = "a number"

    def admits(self, value: Fraction) -> bool:
        """Whether a value lies in the domain."""
        if self.open_ends:
            return (self.low is None or value > self.low) and (self.high is None or value < self.high)
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


ANY = Domain()
PROBABILITY = Domain(Fraction(0), Fraction(1), name="a probability from 0 to 1")
DISCOUNT = Domain(Fraction(0), Fraction(1), open_ends=True, name="a discount factor between 0 and 1")
NOT_NEGATIVE = Domain(Fraction(0), None, name="a number of at least 0")
POSITIVE = Domain(Fraction(0), None, open_ends=True, name="a number above 0")
CORRELATION = Domain(Fraction(-1), Fraction(1), name="a correlation from -1 to 1")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its uncertainty.

    Attributes:
        kind: point | normal | uniform | triangular | shared.
        numbers: point (v); normal (mean, s.d.); uniform (low, high); triangular (low, mode, high); shared ().
        name: the shared number's name, for kind ``shared``.
    """

    kind: str
    numbers: tuple[Fraction, ...] = ()
    name: str = ""

    @property
    def uncertain(self) -> bool:
        """Whether draws of this number differ."""
        if self.kind == "normal":
            return self.numbers[1] > 0
        return self.kind == "shared" or (self.kind != "point" and self.numbers[0] != self.numbers[-1])

    def resolve(self, shared: Mapping[str, Quantity]) -> Quantity:
        """The number itself where this is the name of a shared one."""
        return shared[self.name] if self.kind == "shared" else self

    def mean(self, domain: Domain = ANY) -> Fraction:
        """Mean after truncation to a domain; exact unless a truncation makes it irrational."""
        low, high = domain.low, domain.high
        n = self.numbers
        if self.kind == "point":
            return n[0]
        if self.kind == "normal":
            return n[0] if (low is None and high is None) or n[1] == 0 else _normal_mean(n[0], n[1], low, high)
        a = n[0] if low is None else max(n[0], low)
        b = n[-1] if high is None else min(n[-1], high)
        if self.kind == "uniform" or a == b:
            return (a + b) / 2
        return sum(n, Fraction(0)) / 3 if (a, b) == (n[0], n[-1]) else _triangular_mean(n, a, b)

    def support(self) -> tuple[Fraction | None, Fraction | None]:
        """Smallest and largest possible value; None where unbounded."""
        if self.kind == "normal" and self.numbers[1] > 0:
            return None, None
        return self.numbers[0], self.numbers[-1] if self.kind != "normal" else self.numbers[0]

    def __str__(self) -> str:
        if self.kind == "shared":
            return self.name
        return {"normal": " ± ", "uniform": "..", "triangular": ".."}.get(self.kind, "").join(map(plain, self.numbers))


def parse_quantity(written: object) -> Quantity:
    """Read a number as written in a file (text) or in code (int, float, Fraction).

    Raises:
        QuantityError: with what was found, expected, and how to mend it.
    """
    if isinstance(written, bool) or written is None or isinstance(written, dict | list):
        kind = {dict: "a mapping", list: "a list", bool: "a truth value"}.get(
            next((t for t in (dict, list, bool) if isinstance(written, t)), type(None)), "nothing"
        )
        raise QuantityError(kind)
    if isinstance(written, float) and not math.isfinite(written):
        raise QuantityError(str(written))
    text = str(written)
    if isinstance(written, Quantity):
        return written
    if len(text) > 4 * MOST_DIGITS:
        raise QuantityError(shown(text, 30), f"a number of at most {MOST_DIGITS} digits")
    if match := POINT.fullmatch(text):
        return Quantity("point", (_decimal(match[1]),))
    if match := NORMAL.fullmatch(text):
        spread = _decimal(match[2])
        if spread < 0:
            raise QuantityError(f"the standard deviation {match[2]}", "a standard deviation of at least 0")
        return Quantity("normal", (_decimal(match[1]), spread))
    if match := RANGE.fullmatch(text):
        return _range(match)
    if IDENTIFIER.fullmatch(text):
        return Quantity("shared", name=text)
    raise QuantityError(shown(text), FORMS, _hint(text))


def _range(match: re.Match[str]) -> Quantity:
    numbers = [_decimal(g) for g in match.groups() if g is not None]
    ends = sorted((numbers[0], numbers[-1]))
    if len(numbers) == 2:
        return Quantity("uniform", tuple(ends))
    if not ends[0] <= numbers[1] <= ends[1]:
        raise QuantityError(shown(match.group()), "low..mode..high with the mode in the middle")
    return Quantity("triangular", (ends[0], numbers[1], ends[1]))


def _decimal(text: str) -> Fraction:
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > MOST_DIGITS or len(exponent) > 4:
        raise QuantityError(shown(text, 30), f"a number of at most {MOST_DIGITS} digits")
    value = Fraction(text)
    if abs(value) > LARGEST or (value != 0 and abs(value) < 1 / LARGEST):
        raise QuantityError(shown(text, 30), "a number between 1e-18 and 1e18 in size", "Use another unit.")
    return value


def _hint(text: str) -> str:
    if "," in text:
        return "Write decimals with a point."
    if "%" in text:
        share = re.sub(r"[0-9]{1,9}(\.[0-9]{1,9})?", lambda m: plain(Fraction(m.group()) / 100), text.replace("%", ""))
        return f"Write a share as a decimal: {shown(' '.join(share.split()), 30)[1:-1] if share.strip() else '0.2'}."
    if re.search(r"(^|[^0-9])\.[0-9]", text):
        return "Write the 0 before the point."
    if re.search(r"[0-9]\s*(-|to|–|…)\s*[0-9]", text):
        return "Write a range as low..high."
    return ""


def plain(value: Fraction) -> str:
    """A fraction as the shortest decimal text (rounded to 12 digits where it has none)."""
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.12g}"


def _normal_mean(mu: Fraction, sd: Fraction, low: Fraction | None, high: Fraction | None) -> Fraction:
    """Mean of a truncated normal: mu + sd (phi(a) - phi(b)) / (Phi(b) - Phi(a)), computed in the nearer tail."""
    m, s = float(mu), float(sd)
    a = -math.inf if low is None else (float(low) - m) / s
    b = math.inf if high is None else (float(high) - m) / s
    if a > 0:
        return 2 * mu - _normal_mean(mu, sd, None if high is None else 2 * mu - high, 2 * mu - Fraction(low or 0))
    mass = 0.5 * (math.erfc(-b / math.sqrt(2)) - math.erfc(-a / math.sqrt(2)))
    if mass < 1e-300:
        return low if a > -b and low is not None else high if high is not None else mu
    density = (math.exp(-a * a / 2) - math.exp(-b * b / 2)) / math.sqrt(2 * math.pi)
    value = Fraction(m + s * density / mass)
    value = value if low is None else max(value, low)
    return value if high is None else min(value, high)


def _triangular_mean(n: tuple[Fraction, ...], a: Fraction, b: Fraction) -> Fraction:
    """Mean of a triangular density conditioned on [a, b], by integrating its two straight pieces exactly."""
    low, mode, high = n
    mass = moment = Fraction(0)
    for left, right, anchor, sign in ((low, mode, low, 1), (mode, high, high, -1)):
        x, y = max(left, a), min(right, b)
        if y <= x:
            continue
        width = right - left
        # density on the piece is proportional to sign*(t - anchor)/width
        mass += sign * ((y * y - x * x) / 2 - anchor * (y - x)) / width
        moment += sign * ((y**3 - x**3) / 3 - anchor * (y * y - x * x) / 2) / width
    return moment / mass
