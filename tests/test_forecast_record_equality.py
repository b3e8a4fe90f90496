"""The record of sealed forecasts equals its definition written out, on random seals and random histories."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
from typing import Any

import pytest

from detente.forecast.came_true import read_came_true
from detente.forecast.record import record_of, score
from detente.forecast.seals import hash_of, open_seal
from tests.literal import forecast_record as literal

CASES = 1000
START = dt.date(2019, 1, 1)


def day(number: int) -> str:
    return (START + dt.timedelta(days=number)).isoformat()


def drawn(rng: random.Random) -> tuple[list[dict[str, Any]], list[list[tuple[str, str]]]]:
    seals, entries = [], []
    for _ in range(rng.randint(1, 4)):
        names = ["deal", "part", "calm", "war"][: rng.randint(1, 4)]
        dates = [day(n) for n in rng.sample(range(1, 12), rng.randint(1, 3))]
        columns = []
        for _ in dates:
            parts = [rng.randint(0, 4) for _ in names]
            parts[rng.randrange(len(parts))] += 1
            columns.append([p / sum(parts) for p in parts])
        p = [[column[n] for column in columns] for n in range(len(names))]
        rates = {name: rng.choice([0.1, 0.3, 0.6]) for name in names if rng.random() < 0.5}
        ever = rng.random() < 0.6
        days = [n for n in range(12) if day(n) <= max(dates)] if ever else [n for n in range(12) if day(n) in dates]
        held = rng.sample(days, rng.randint(0, len(days)))
        entries.append([(day(n), rng.choice([*names, literal.OTHER])) for n in held])
        sealed = day(rng.choice([0, 0, 0, 2, 5]))
        seals.append({"sealed": sealed, "ever": ever, "dates": dates, "names": names, "p": p, "rates": rates})
    return seals, entries


def written(seal: dict[str, Any], salt: int) -> str:
    outcomes = [
        {
            "name": name, "p": p, "low": p, "high": p,
            "base_rate": {"value": seal["rates"][name]} if name in seal["rates"] else None,
        }
        for name, p in zip(seal["names"], seal["p"], strict=True)
    ]  # fmt: skip
    content = {
        "seal": 1, "sealed": f"{seal['sealed']}T09:00:00Z", "salt": f"{salt:032x}", "detente": "0", "title": "t",
        "as_of": day(0), "provenance": {"case": "c", "digest": "d", "seed": None},
        "forecast": {"at": seal["dates"], "reached": "ever" if seal["ever"] else "at", "outcomes": outcomes},
    }  # fmt: skip
    return json.dumps({**content, "hash": hash_of(content)})


def compare(seed: int) -> tuple[bool, bool, bool]:
    """Whether the case has late dates, and tells ever from at and seals of one weight from dates of one weight."""
    rng = random.Random(seed)
    seals, entries = drawn(rng)
    opened = [open_seal(written(s, n), f"s{n}.json") for n, s in enumerate(seals)]
    lines = [{"seal": f"s{n}", "at": d, "outcome": o} for n, held in enumerate(entries) for d, o in held]
    rng.shuffle(lines)
    record = score(opened, read_came_true(json.dumps(lines), opened))
    expected = literal.figures(seals, entries)
    assert [(str(g.at), g.outcome) for g in record.graded] == expected["graded"], seed
    assert (len(record.pending), len(record.late)) == (expected["pending"], expected["late"]), seed
    for key in ("brier", "log", "skill"):
        found = getattr(record, key)
        assert found == (None if expected[key] is None else pytest.approx(expected[key], abs=1e-9)), (seed, key)
    chances, came = record.events
    assert came == [c for _, c in expected["cases"]], seed
    assert chances == pytest.approx([p for p, _ in expected["cases"]]), seed
    json.dumps(record_of(record), allow_nan=False)
    other = literal.figures([{**s, "ever": False} for s in seals], entries)
    each = [g.brier for g in record.graded]
    apart = bool(each) and record.brier is not None and abs(record.brier - sum(each) / len(each)) > 1e-6
    return bool(record.late), other["graded"] != expected["graded"], apart


def test_the_record_equals_its_definition() -> None:
    seen = [compare(seed) for seed in range(CASES)]
    assert sum(s[0] for s in seen) > 0.2 * CASES
    assert sum(s[1] for s in seen) > 0.2 * CASES
    assert sum(s[2] for s in seen) > 0.1 * CASES


@pytest.mark.sweep
def test_the_record_equals_its_definition_on_fresh_seeds() -> None:
    base = int(os.environ["DETENTE_SEED"]) % 10**6
    for seed in range(CASES):
        compare(CASES * (base + 1) + seed)
