"""What can stand in a ledger: drafts before they are bound, and records read back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from detente.agreement.ledger.canonical import ContentError, check_content, check_text
from detente.agreement.ledger.times import EARLIEST, LATEST, seconds_of
from detente.agreement.periods import Instant, Interval
from detente.agreement.records import CORRECTIONS, RANK, Record
from detente.base.errors import did_you_mean, shown

FIELDS = ("body", "by", "evidence", "hash", "kind", "occurred", "prev", "recorded_at", "seq", "subject")
ALL_KINDS = (*RANK, *CORRECTIONS)
KNOWN_KINDS = frozenset(ALL_KINDS)
WITHOUT_SUBJECT = frozenset({"recognise", *CORRECTIONS})
A_TIME = "a time such as 2019-01-29T10:00:00Z, from 1753 to 9998"


class ChainError(ValueError):
    """A ledger that does not hold together: where, what was found, what was expected.

    Args:
        at: number of the line or record, from 1; 0 = the header.
        found, expected: in plain words.
    """

    def __init__(self, at: int, found: str, expected: str) -> None:
        super().__init__(f"record {at}: found {found}; expected {expected}")
        self.at, self.found, self.expected = at, found, expected


@dataclass(frozen=True, slots=True)
class Draft:
    """A record before it is numbered and bound.

    Attributes: as ``Record``.
    """

    occurred: Interval
    kind: str
    subject: str
    by: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    body: dict[str, Any] = field(default_factory=dict)


def check_draft(draft: Draft) -> None:
    """Hold a draft to what can be recorded.

    Raises:
        ContentError: what cannot.
    """
    if draft.kind not in KNOWN_KINDS:
        fix = did_you_mean(draft.kind, ALL_KINDS)
        raise ContentError(f"the kind {shown(draft.kind)}", f"one of {', '.join(ALL_KINDS)}{'. ' + fix if fix else ''}")
    if not EARLIEST <= draft.occurred.start <= draft.occurred.end <= LATEST:
        raise ContentError("a time out of range, or an interval that ends before it starts", "a time from 1753 to 9998")
    check_text(draft.subject, "subject")
    if not draft.subject and draft.kind not in WITHOUT_SUBJECT:
        raise ContentError(f"no subject of {draft.kind}", "what it is about")
    for name, texts in (("by", draft.by), ("evidence", draft.evidence)):
        if not all(isinstance(t, str) for t in texts):
            raise ContentError(f"something that is no text in {name}", "texts")
        check_content(list(texts), name)
    check_content(draft.body)


def parsed(line: bytes, number: int) -> dict[str, Any]:
    """The JSON object of a line.

    Raises:
        ChainError: it is none.
    """
    try:
        content = json.loads(line, parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ChainError(number, cut(line), "a JSON object in UTF-8 without floats") from None
    if not isinstance(content, dict):
        raise ChainError(number, cut(line), "a JSON object")
    return content


def record_of(content: dict[str, Any], number: int) -> Record:
    """The record of a JSON object.

    Raises:
        ChainError: a field that is missing, unknown or of a wrong kind.
    """
    try:
        occurred = content["occurred"]
        if occurred.__class__ is str:
            start = end = seconds_of(occurred)
        else:
            start, end = map(seconds_of, occurred)
        kind, subject, by, evidence, body = (
            content["kind"], content["subject"], content["by"], content["evidence"], content["body"]
        )  # fmt: skip
        good = (
            len(content) == 10
            and content["seq"] == number
            and content["seq"].__class__ is int
            and kind in KNOWN_KINDS
            and subject.__class__ is str
            and (subject or kind in WITHOUT_SUBJECT)
            and body.__class__ is dict
            and by.__class__ is list
            and evidence.__class__ is list
            and "".join(by + evidence) is not None  # raises where something in them is no text
            and (occurred.__class__ is str or (occurred.__class__ is list and start < end))
        )
        if good:
            if body:
                check_content(body)
            recorded = seconds_of(content["recorded_at"])
            return Record(number, recorded, Interval(start, end), kind, subject, tuple(by), tuple(evidence), body)
    except (KeyError, TypeError, ValueError):
        pass
    raise _fault(content, number)


def cut(line: bytes) -> str:
    """The beginning of a line, for a message."""
    return shown(line[:80].decode(errors="replace"))


def _fault(content: dict[str, Any], number: int) -> ChainError:
    """What is wrong with a record, field by field."""
    named = set(content)
    if named != set(FIELDS):
        missing, further = sorted(set(FIELDS) - named), sorted(named - set(FIELDS))
        found = f"no field {missing[0]}" if missing else f"the unknown field {shown(further[0])}"
        return ChainError(number, found, f"the fields {', '.join(FIELDS)}")
    checks: list[tuple[str, bool, str]] = [
        ("seq", content["seq"] == number and type(content["seq"]) is int, f"the number {number}"),
        ("recorded_at", _is_time(content["recorded_at"]), A_TIME),
        ("occurred", _is_interval(content["occurred"]), f"{A_TIME}, or a list of two, the first before the second"),
        ("kind", type(content["kind"]) is str and content["kind"] in KNOWN_KINDS, f"one of {', '.join(ALL_KINDS)}"),
        ("subject", type(content["subject"]) is str, "a text"),
        ("by", _is_texts(content["by"]), "a list of texts"),
        ("evidence", _is_texts(content["evidence"]), "a list of texts"),
        ("body", type(content["body"]) is dict, "a mapping"),
    ]
    for name, right, expected in checks:
        if not right:
            return ChainError(number, f"{name} {shown(content[name])}", expected)
    try:
        check_content(content["body"])
    except ContentError as error:
        return ChainError(number, error.found, error.expected)
    return ChainError(number, f"no subject of {content['kind']}", "what it is about")


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and isinstance(seconds_of(value), Instant)
    except ValueError:
        return False


def _is_interval(value: object) -> bool:
    if isinstance(value, list):
        return len(value) == 2 and all(map(_is_time, value)) and seconds_of(value[0]) < seconds_of(value[1])
    return _is_time(value)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _refuse(text: str) -> None:
    raise ValueError(text)
