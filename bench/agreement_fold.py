"""The run of an agreement over a long ledger against json.loads of the same lines; cost per record by size."""

from __future__ import annotations

import datetime as dt
import json
import random
from fractions import Fraction

from bench.measure import best_of
from detente.agreement.formulas import At, Breached, Verified
from detente.agreement.ledger.chain import Header, follow, link
from detente.agreement.ledger.entries import Draft
from detente.agreement.periods import Interval, Period
from detente.agreement.records import Record
from detente.agreement.run import run as work_out
from detente.agreement.terms import (
    CalendarPolicy,
    Commitment,
    Consequence,
    Every,
    On,
    QuantityAct,
    Terms,
    TextAct,
    Verification,
)

RECORDS = 100_000
SIZES = (10, 1_000)
MOST, MOST_CHAINED, MOST_STATUS = 5.0, 8.0, 0.05
START = int(dt.datetime(2020, 1, 1, tzinfo=dt.UTC).timestamp())
END = dt.date(2031, 12, 31)
STEP = 3_000  # seconds between records: 100,000 of them are nine and a half years
CHECK = (Verification("inspectors", window=Period(days=60)),)
TOLD = {"document": "report", "place": "site"}


def terms(size: int) -> Terms:
    """A third acts once, some after one another; most keep a limit; a few recur weekly; breaches suspend and owe."""
    commitments = [_commitment(n, size) for n in range(size)]
    talks = Commitment("talks", "achieve", ("a",), ("b",), TextAct("talk"), trigger=Breached("c0003"))
    calendar = CalendarPolicy("Europe/Vienna")
    return Terms(
        "bench", ("a", "b"), ("inspectors",), calendar, (*commitments, talks), At(dt.date(2020, 1, 1))
    )  # fmt: skip


def _commitment(n: int, size: int) -> Commitment:
    name, one, other = f"c{n:04}", ("ab"[n % 2],), ("ab"[1 - n % 2],)
    if n % 50 == 9:
        weekly = Every("FREQ=WEEKLY;COUNT=50", dt.date(2020, 2, 1))
        return Commitment(
            name, "recurrent", one, other, TextAct("deliver"), deadline=weekly, verification=CHECK, claim_ok=True
        )  # fmt: skip
    follows = (
        Consequence("suspend", (f"c{(n + 7) % size:04}",), resume=At(dt.date(2025, 1, 1)), notice=Period(days=30)),
        Consequence("compensate", amount=Fraction(5), unit="t", to=other),
    )
    if n % 10 < 3:
        return Commitment(
            name,
            "achieve",
            one,
            other,
            TextAct("act"),
            trigger=Verified(f"c{n - 10:04}") if n >= 10 and n % 30 < 3 else At(dt.date(2020, 1, 2)),
            deadline=On(dt.date(2029, 1, n % 28 + 1)),
            cure=Period(days=30),
            verification=CHECK,
            on_breach=follows,
        )
    return Commitment(
        name,
        "maintain",
        one,
        other,
        QuantityAct("stock", "<=", Fraction(300), "kg"),
        deadline=On(END),
        cure=Period(days=90),
        verification=CHECK,
        on_breach=follows,
    )


def drafts(size: int) -> list[Draft]:
    """Measures and findings, some out of bounds; progress, claims and their verification; holds set and taken off."""
    rng = random.Random(1)  # noqa: S311 - nothing secret
    kinds = {c.id: c.modality for c in terms(size).commitments}
    names = [n for n in kinds if n != "talks"]
    result: list[Draft] = []
    held: list[str] = []
    for n in range(RECORDS):
        at = Interval(START + 200_000 + n * STEP, START + 200_000 + n * STEP)
        name = rng.choice(names)
        paper = (f"doc-{n}",)
        draw = rng.random()
        if draw < 0.04:
            result.append(Draft(at, "suspend", name, ("a", "b"), paper, {"reason": "force majeure"}))
            held.append(name)
        elif draw < 0.08 and held:
            result.append(Draft(at, "resume", held.pop(0), ("a", "b"), paper, {"reason": "force majeure"}))
        elif kinds[name] == "maintain":
            outside = draw > 0.97
            if n % 3:
                value = str(rng.randint(301, 400) if outside else rng.randint(100, 300))
                result.append(Draft(at, "measure", name, ("inspectors",), paper, {"value": value, **TOLD}))
            else:
                result.append(Draft(at, "attest", name, ("inspectors",), paper, {"holds": "no" if outside else "yes"}))
        elif kinds[name] == "recurrent":
            result.append(Draft(at, "claim", name, ("a", "b"), paper, TOLD))
        elif draw < 0.97:
            result.append(Draft(at, "claim", name, ("a", "b"), paper, {"progress": f"0.{rng.randint(10, 99)}"}))
        else:
            kind = "claim" if draw < 0.985 else "refute"
            result.append(Draft(at, kind, name, ("a", "b") if kind == "claim" else ("inspectors",), paper, TOLD))
    return result


def run() -> None:
    """Ratios to json.loads per line, without and with the check of the chain; a status in the middle."""
    for size in SIZES:
        agreement = terms(size)
        start = Header("bench", "0" * 64, START).head()
        lines, _ = link(start, drafts(size), START)
        records: list[Record] = [r for r, _ in follow(lines, start)]
        parsing = best_of(5, lambda lines=lines: [json.loads(line) for line in lines])  # type: ignore[misc]
        fold = best_of(5, lambda a=agreement, r=records: work_out(a, r))  # type: ignore[misc]
        chained = best_of(
            3, lambda a=agreement, h=start, lines=lines: work_out(a, [r for r, _ in follow(lines, h)])  # type: ignore[misc]
        )  # fmt: skip
        result = work_out(agreement, records)
        middle = START + RECORDS * STEP // 2
        status = best_of(5, lambda result=result, middle=middle: result.at(middle))  # type: ignore[misc]
        regular = 1 - sum(i.seq is not None for i in result.irregular) / len(records)
        print(
            f"agreement, {size:>5,} commitments, {len(records):,} records ({regular:.0%} with effect,"
            f" {len(result.history):,} moves): parsing {parsing / RECORDS * 1e6:.1f} us a record, run"
            f" {fold / RECORDS * 1e6:.1f} us = {fold / parsing:.2f} times (at most {MOST:g}), with the chain checked"
            f" {chained / parsing:.2f} (at most {MOST_CHAINED:g}), status {status * 1e3:.1f} ms"
            f" (at most {MOST_STATUS * 1e3:.0f})",
            flush=True,
        )


if __name__ == "__main__":
    run()
