"""The contracts of the actions of track."""

from __future__ import annotations

from typing import Any

from detente.agreement.table import LIVES
from detente.cli.contracts.parts import COUNT, FRACTION, NUMBER, TEXT, TRUTH, list_of, map_of, object_of, or_null

HASH: dict[str, Any] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
WHEN: dict[str, Any] = {"type": "string", "format": "date-time"}
DAY: dict[str, Any] = {"type": "string", "format": "date"}
LIFE: dict[str, Any] = {"enum": list(LIVES)}
FINDING: dict[str, Any] = {"enum": ["none", "claimed", "verified", "refuted", "contested", "no-conclusion"]}
IRREGULAR = list_of(object_of(seq=or_null(COUNT), subject=TEXT, why=TEXT))
STOP = map_of(object_of(value=NUMBER, done=list_of(TEXT)))
COMMITMENT = object_of(
    id=TEXT, of=TEXT, state=LIFE, holds=list_of(list_of(TEXT)), finding=FINDING, found_by=list_of(TEXT),
    late=or_null(TRUTH), progress=FRACTION, deadline=or_null(WHEN), deadline_if_excused=or_null(WHEN),
    cure_end=or_null(WHEN), verification_end=or_null(WHEN), dispute_end=or_null(WHEN), since=or_null(WHEN),
    breached=or_null(WHEN), blame=list_of(TEXT), episodes=list_of(list_of(or_null(WHEN))), score=or_null(COUNT),
)  # fmt: skip
OWED = object_of(commitment=TEXT, by=list_of(TEXT), to=list_of(TEXT), unit=TEXT, amount=or_null(TEXT), since=WHEN)
MOVE = object_of(**{
    "at": WHEN, "commitment": TEXT, "row": TEXT, "from": LIFE, "to": LIFE, "record": or_null(COUNT),
    "consequence": or_null(TEXT),
})  # fmt: skip
PUBLISHED = object_of(
    seq=COUNT, hash=HASH, verdict={"enum": ["same", "extended", "missing"]}, by=or_null(TEXT), key=or_null(TEXT)
)  # fmt: skip
SIGNER = object_of(by=TEXT, upto=COUNT, keys=list_of(TEXT), known=or_null(TRUTH), unsigned=list_of(COUNT))
ROW = object_of(**dict.fromkeys(
    ("step", "obligation", "who", "place", "evidence", "verifier", "access", "do", "detect", "undo", "counter_step",
     "consequence", "status"), TEXT,
))  # fmt: skip
PROPOSED = object_of(
    kind=TEXT, subject=TEXT, by=list_of(TEXT), body={"type": "object"}, was=TEXT, now=TEXT, row=COUNT, question=TEXT
)  # fmt: skip
TRACK: dict[str, dict[str, Any]] = {
    "track record": {
        "recorded": list_of(COUNT),
        "head": HASH,
        "without_effect": list_of(object_of(seq=COUNT, why=TEXT)),
    },
    "track status": {
        "at": WHEN,
        "known": TEXT,
        "commitments": list_of(COMMITMENT),
        "others": map_of(map_of(LIFE)),
        "owed": list_of(OWED),
        "irregular": IRREGULAR,
    },
    "track next": {
        "at": WHEN,
        "known": TEXT,
        "coming": list_of(
            object_of(commitment=TEXT, what=TEXT, who=list_of(TEXT), until=or_null(WHEN), last_day=or_null(DAY))
        ),
        "powers": list_of(object_of(
            power=TEXT, holder=TEXT, may=TEXT, targets=list_of(TEXT), expires=or_null(WHEN), last_day=or_null(DAY),
        )),
        "waiting": list_of(object_of(**{"commitment": TEXT, "for": list_of(TEXT)})),
    },
    "track history": {"at": WHEN, "known": TEXT, "moves": list_of(MOVE)},
    "track what-if": {
        "at": WHEN,
        "changed": list_of(
            object_of(commitment=TEXT, before=or_null(LIFE), after=or_null(LIFE), fields=list_of(TEXT))
        ),
        "irregular": IRREGULAR,
    },
    "track exposure": {"stops": STOP, "lasting": STOP, "never_due": list_of(TEXT)},
    "track verify": {
        "holds": TRUTH,
        "records": COUNT,
        "head": HASH,
        "broken": or_null(object_of(at=COUNT, found=TEXT, expected=TEXT)),
        "published": list_of(PUBLISHED),
        "signers": list_of(SIGNER),
        "wrong_signatures": list_of(TEXT),
    },
    "track head": {"line": TEXT, "seq": COUNT, "hash": HASH},
    "track calendar": {
        "dates": list_of(object_of(id=TEXT, title=TEXT, who=list_of(TEXT), until=WHEN, kind=TEXT)),
    },
    "track matrix": {"as_of": TEXT, "rows": list_of(ROW)},
    "track matrix --read": {"proposed": list_of(PROPOSED), "remarks": list_of(TEXT)},
}  # fmt: skip
