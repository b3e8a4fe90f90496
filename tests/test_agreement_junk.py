"""A ledger can say anything: nothing in it stops a run, and what cannot be read changes nothing."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from detente.agreement.formulas import Breached, Event, Fulfilled
from detente.agreement.periods import Interval
from detente.agreement.records import CORRECTIONS, KINDS, Record
from detente.agreement.run import run
from detente.agreement.table import BY_ID
from detente.agreement.terms import Amendment, Consequence, Dispute, Every, Exit, Power, QuantityAct, Verification
from tests.agreement_scenes import DAYS, agreed, date, day, on, owes

FIELDS = (
    "ref", "occurred", "record", "progress", "value", "holds", "answer", "consequence", "until", "period", "reason",
    "source",
)  # fmt: skip
JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 10**30, "", "0", "1", "2", "-1", "1e999", "nan", "1/0", "0.5", "yes", "no",
    "x" * 500, "٣", [], [1], ["a"], [{}], {}, {"a": []}, {"by": "a"}, {"by": [{}]}, {"occurred": 5}, {"body": 7},
    {"evidence": [None]}, {"occurred": ["2020-01-05", "2020-01-01"]}, "2020-02-30", "2020-01-05", "2020-01-05T00:00:00",
    "9999-12-31", "P9999Y", "P", "PT", "P1M", ["2020-01-02T00:00:00Z", "2020-01-03T00:00:00Z"], 1_577_900_000,
)  # fmt: skip
FOLLOWS = (
    Consequence("suspend", ("d",), power_of="b"),
    Consequence("activate", ("agreement",)),
    Consequence("reverse"),
)


def terms() -> Any:
    limit = QuantityAct("stock", "<=", Fraction(3))
    return agreed(
        owes("c", on_breach=FOLLOWS, mode="each", obligors=("a", "b")),
        owes("d", modality="maintain", act=limit, verification=(Verification("v", every=DAYS[3]),)),
        owes("e", modality="recurrent", deadline=Every("FREQ=DAILY;INTERVAL=3;COUNT=4", date(4)), mode="each"),
        owes("f", modality="refrain", trigger=Event("storm")),
        owes("n", amendment="m", trigger=Fulfilled("c"), on_breach=FOLLOWS),
        owes("o", trigger=Breached("c"), after_breach="replace"),
        amendments=(Amendment("m", (("d", "n"),)),),
        dispute=Dispute(DAYS[4], "w"),
        exit=Exit(DAYS[4]),
        powers=(Power("p", "w", "extend", ("agreement",)),),
        sunset=on(90),
    )


def test_nothing_said_stops_a_run() -> None:
    rng = random.Random(3)
    subjects = (
        "c",
        "c@a",
        "d",
        "e",
        "e@a",
        "e@a#2",
        "f",
        "n",
        "o",
        "m",
        "storm",
        "agreement",
        "stock",
        "",
        "c@",
        "#",
        "e#1",
    )
    agreement = terms()
    rows, told = set(), 0
    for _ in range(300):
        records = []
        for seq in range(1, rng.randint(2, 40)):
            start = rng.choice([day(rng.randint(1, 30)), -6_847_804_800, 253_370_764_799 - 86_400])
            if rng.random() < 0.85:
                start = day(rng.randint(1, 30))
            body = {f: rng.choice(JUNK) for f in rng.sample(FIELDS, rng.choice([0, 1, 1, 2, 4]))}
            by = tuple(rng.sample(["a", "b", "v", "w", "nobody"], rng.randint(0, 4)))
            kind = rng.choice([*KINDS, *CORRECTIONS, "shout"])
            evidence = ("paper",) if rng.random() < 0.2 else ()
            records.append(Record(seq, seq, Interval(start, start), kind, rng.choice(subjects), by, evidence, body))
        result = run(agreement, records)
        told += sum(i.seq is not None for i in result.irregular)
        assert all(i.reason for i in result.irregular)
        for m in result.history:
            rows.add(m.row)
            assert m.before in BY_ID[m.row].before
            assert m.after in BY_ID[m.row].after
        standings = result.at(day(20))
        assert len(standings) >= 10  # two parts, four instances, four others; perhaps restorations
    assert told > 2_000
    assert len(rows) > 12
