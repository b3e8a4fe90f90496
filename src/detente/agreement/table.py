"""The rows by which a commitment moves (docs/agreement-semantics.md, 4), as data."""

from __future__ import annotations

from dataclasses import dataclass

INERT, WAITING, DUE, CLAIMED, UNVERIFIED = "inert", "waiting", "due", "claimed", "unverified"
OVERDUE, BREACHED, DISPUTED, FULFILLED, REMEDIED = "overdue", "breached", "disputed", "fulfilled", "remedied"
LAPSED, WAIVED, TERMINATED, SUPERSEDED = "lapsed", "waived", "terminated", "superseded"
LIVES = (
    INERT, WAITING, DUE, CLAIMED, UNVERIFIED, OVERDUE, BREACHED, DISPUTED,
    FULFILLED, REMEDIED, LAPSED, WAIVED, TERMINATED, SUPERSEDED,
)  # fmt: skip
TERMINAL = frozenset(LIVES[8:])
LIVE = tuple(life for life in LIVES if life not in TERMINAL)
DONE = frozenset({FULFILLED, REMEDIED})
ENDED = frozenset({LAPSED, WAIVED, TERMINATED})
UNHELD = frozenset({LAPSED, WAIVED, TERMINATED, SUPERSEDED})  # states in which holds end
STOPPED = frozenset({WAITING, DUE, CLAIMED, OVERDUE})  # states whose clocks a hold stops


@dataclass(frozen=True, slots=True)
class Row:
    """One row: from which states, when, to which states."""

    id: str
    before: tuple[str, ...]
    when: str
    after: tuple[str, ...]


ROWS = (
    Row("1", (INERT,), "the agreement is in force", (WAITING,)),
    Row("2", (WAITING,), "its trigger is true, or a consequence activates it, and nothing holds it", (DUE,)),
    Row("3", (WAITING,), "its lapse time is reached, or its trigger is impossible", (LAPSED,)),
    Row("4", (DUE,), "a claim", (CLAIMED, FULFILLED, REMEDIED)),
    Row("5", (DUE,), "the deadline is reached without a claim that was in time", (OVERDUE,)),
    Row("6", (DUE, OVERDUE), "non-performance is declared, or an obligor withdraws without an exit", (BREACHED,)),
    Row("7", (OVERDUE,), "a claim", (CLAIMED, FULFILLED, REMEDIED)),
    Row("8", (OVERDUE,), "the time to cure is over", (BREACHED,)),
    Row("9", (CLAIMED,), "enough verifiers have verified", (FULFILLED, REMEDIED)),
    Row("10", (CLAIMED,), "the time to verify is over", (UNVERIFIED,)),
    Row("11", (CLAIMED, UNVERIFIED), "refuted, or access denied", (DUE, OVERDUE, BREACHED)),
    Row("12", (UNVERIFIED,), "verified, or claimed again", (FULFILLED, REMEDIED, CLAIMED)),
    Row("13", (BREACHED,), "a claim after the breach", (CLAIMED, REMEDIED)),
    Row("13a", (BREACHED,), "its breach extinguishes it", (TERMINATED,)),
    Row("13b", (BREACHED,), "its breach replaces it", (SUPERSEDED,)),
    Row("14", (CLAIMED, BREACHED, FULFILLED), "contested in time", (DISPUTED,)),
    Row(
        "15",
        (DISPUTED,),
        "decided, withdrawn, or the time to decide is over",
        (BREACHED, FULFILLED, CLAIMED, DUE, OVERDUE),
    ),
    Row("16", LIVE, "waived", (WAIVED,)),
    Row("17", LIVE, "ended by termination, sunset, exit or a consequence", (TERMINATED,)),
    Row("18", LIVE, "replaced by an amendment", (SUPERSEDED,)),
    Row("K1", (DUE,), "a violation is found", (OVERDUE,)),
    Row("K2", (OVERDUE,), "a return is found", (DUE,)),
    Row("K3", (DUE,), "its end is reached with nothing open", (FULFILLED, REMEDIED)),
    Row("K4", (BREACHED,), "a return is found", (DUE,)),
)  # row 19 (holds) moves no life state
BY_ID = {row.id: row for row in ROWS}
