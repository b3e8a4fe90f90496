"""Uncertain numbers: forms, and means after truncation against numeric integration."""

from __future__ import annotations

from fractions import Fraction

import pytest
from scipy import stats
from scipy.integrate import quad

from detente.case.quantities import DISCOUNT, POSITIVE, PROBABILITY, Domain, QuantityError, parse_quantity


@pytest.mark.parametrize(
    ("text", "kind", "numbers"),
    [
        ("6", "point", ["6"]),
        ("-3.50", "point", ["-7/2"]),
        ("2e-3", "point", ["1/500"]),
        ("6 ± 2", "normal", ["6", "2"]),
        ("6+-2", "normal", ["6", "2"]),
        ("4..8", "uniform", ["4", "8"]),
        ("-3..-5", "uniform", ["-5", "-3"]),
        ("8 .. 6 .. 4", "triangular", ["4", "6", "8"]),
    ],
)
def test_forms(text: str, kind: str, numbers: list[str]) -> None:
    found = parse_quantity(text)
    assert found.kind == kind
    assert list(found.numbers) == [Fraction(n) for n in numbers]


@pytest.mark.parametrize(
    "text", ["", "x y", "1,5", "5%", "1-5", ".5", "5.", "1..9..5", "5 ± -1", "1..2..3..4", "0x1", "--3"]
)
def test_refused(text: str) -> None:
    with pytest.raises(QuantityError):
        parse_quantity(text)


def test_means_are_exact_decimals() -> None:
    assert parse_quantity("0.1").mean() * 3 == parse_quantity("0.3").mean()
    assert parse_quantity("1..2").mean() == Fraction(3, 2)
    assert parse_quantity("1..2..6").mean() == 3
    assert parse_quantity("6 ± 2").mean() == 6


@pytest.mark.parametrize(
    ("text", "domain", "law"),
    [
        ("0.9 ± 0.2", PROBABILITY, stats.norm(0.9, 0.2)),
        ("1.3 ± 0.1", PROBABILITY, stats.norm(1.3, 0.1)),
        ("-0.5 ± 0.2", DISCOUNT, stats.norm(-0.5, 0.2)),
        ("1 ± 3", POSITIVE, stats.norm(1, 3)),
        ("-0.5..0.7", PROBABILITY, stats.uniform(-0.5, 1.2)),
        ("-1..0.2..2", PROBABILITY, stats.triang(0.4, -1, 3)),
        ("0.3..0.9..1.4", PROBABILITY, stats.triang(0.6 / 1.1, 0.3, 1.1)),
    ],
)
def test_truncated_means_agree_with_integration(text: str, domain: Domain, law: stats.rv_continuous) -> None:
    low = -50.0 if domain.low is None else float(domain.low)
    high = 50.0 if domain.high is None else float(domain.high)
    breaks = [float(n) for n in parse_quantity(text).numbers if low < float(n) < high]
    mass = quad(law.pdf, low, high, points=breaks, limit=200)[0]
    mean = quad(lambda t: t * law.pdf(t), low, high, points=breaks, limit=200)[0] / mass
    assert float(parse_quantity(text).mean(domain)) == pytest.approx(mean, rel=1e-6)
