"""What happened under an agreement, written as a list, read with its places into records without numbers.

The file is a list of ``{occurred, kind, subject, by, evidence, body, id, note}``; what each kind means is said in
docs/agreement-semantics.md, 2. ``occurred`` is a date, a month, a year, an instant, or two of them, as ``first..last``
or as a list. ``id`` is a name by which a later entry's ``body.ref`` can mean this one; it is not recorded.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from detente.agreement.calendar import Calendar, CalendarError
from detente.agreement.fields import WHOLE
from detente.agreement.ledger.chain import Draft
from detente.agreement.model import Agreement
from detente.agreement.occurred import FORM, parse_occurred
from detente.agreement.periods import Interval
from detente.agreement.records import CORRECTIONS, KINDS
from detente.agreement.time_text import TimeError, parse_moment, parse_period
from detente.base.errors import COLLECTED, CaseError, did_you_mean, one_of, shown
from detente.case.checker import Enough, Path, Raw
from detente.case.forms import placed
from detente.case.yaml_tree import kind_of, read_tree

KEYS = ("occurred", "kind", "subject", "by", "evidence", "body", "id", "note")
MOST = 100_000
ALL_KINDS = (*KINDS, *CORRECTIONS)
OF_AGREEMENT = ("sign", "ratify", "enter_into_force", "withdraw")
SAYS_NOBODY = ("external", *CORRECTIONS)  # may stand without `by`
NEEDED = {
    "measure": ("value",), "attest": ("holds",), "access": ("answer",), "declare_baseline": ("value",),
    "notify": ("consequence",), "block": ("consequence",), "execute": ("consequence",), "excuse": ("reason",),
    "recognise": ("ref", "answer"), "retract": ("ref",), "redate": ("ref", "occurred"), "supersede": ("ref", "record"),
}  # fmt: skip
FURTHER = {
    "claim": ("progress",), "verify": ("progress",), "uphold": ("ref",), "overturn": ("ref",),
    "extend": ("until", "period"), "excuse": ("until",), "suspend": ("reason", "source"),
    "resume": ("reason", "source"), "retract": ("reason",), "redate": ("reason",), "supersede": ("reason",),
}  # fmt: skip
ALWAYS = ("note", "zone")
DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?")
WORDS = {"holds": ("yes", "no"), "answer": ("granted", "denied")}
ISO_PERIOD = re.compile(r"P(?=.)(?:\d{1,3}Y)?(?:\d{1,4}M)?(?:\d{1,6}D)?(?:T\d{1,7}H)?", re.ASCII)


def read_events(
    data: bytes | str, agreement: Agreement, file: str | None = None, first: int = 1
) -> tuple[Draft, ...]:  # fmt: skip
    """What happened, in the order written.

    Args:
        data: YAML or JSON.
        agreement: whose names it uses, and whose zone its dates are in.
        file: name for messages.
        first: the number that its first entry is going to get in the ledger, for those that refer to another.

    Raises:
        CaseError: every problem found, with its place.
    """
    tree = read_tree(data, file)
    reader = _Reader(agreement, first)
    found: tuple[Draft, ...] = ()
    with suppress(Enough):
        found = reader.read(tree)
    if reader.problems:
        raise CaseError([placed(p, tree, file) for p in reader.problems])
    return found


@dataclass(frozen=True, slots=True)
class _Time:
    interval: Interval
    by_day: bool


class _Reader:
    """Collects the problems of a list."""

    def __init__(self, agreement: Agreement, first: int) -> None:
        self.agreement, self.first, self.problems = agreement, first, list[Raw]()
        self.calendar = Calendar(agreement.terms().calendar)
        self.labels: dict[str, int] = {}

    def refuse(self, path: Path, found: str, expected: str, fix: str = "", *, key: bool = False) -> None:
        self.problems.append((path, 0, found, expected, fix, key))
        if len(self.problems) >= COLLECTED:
            raise Enough

    def read(self, tree: Any) -> tuple[Draft, ...]:
        if tree is None:
            return ()
        if not isinstance(tree, list):
            self.refuse((), kind_of(tree), "a list of {occurred, kind, subject, by, evidence, body}")
            return ()
        if len(tree) > MOST:
            self.refuse((), f"{len(tree):,} entries", f"at most {MOST:,}")
            return ()
        drafts = [self.entry((n,), n, written) for n, written in enumerate(tree)]
        return tuple(d for d in drafts if d is not None)

    def entry(self, path: Path, number: int, written: Any) -> Draft | None:
        if not isinstance(written, dict):
            self.refuse(path, kind_of(written), "a mapping with occurred, kind, subject and by")
            return None
        for key in written:
            if key not in KEYS:
                found = f"the unknown key {shown(key)}"
                self.refuse((*path, str(key)), found, one_of(KEYS), did_you_mean(str(key), KEYS), key=True)
        kind = written.get("kind")
        if kind not in ALL_KINDS:
            found = "no kind" if kind is None else f"the unknown kind {shown(kind)}"
            where = path if kind is None else (*path, "kind")
            self.refuse(where, found, one_of(ALL_KINDS, 40), did_you_mean(str(kind), ALL_KINDS))
            return None
        time = self.time((*path, "occurred") if "occurred" in written else path, written.get("occurred"))
        subject = self.subject(path, str(kind), written.get("subject"))
        by = self.names(path, "by", written.get("by"))
        for n, name in enumerate(by):
            self.actor((*path, "by", n) if isinstance(written["by"], list) else (*path, "by"), name)
        if not by and kind not in SAYS_NOBODY:
            self.refuse(path, f"{kind} by nobody", "who says so", "Add by:.")
        body = self.body(path, str(kind), subject, written.get("body"))
        if "note" in written:
            body["note"] = str(written["note"] or "")
        label = written.get("id")
        if label is not None:
            self.labels[str(label)] = number
        if time is None:
            return None
        zone = self.agreement.file.zone
        if time.by_day and zone != "UTC":
            body.setdefault("zone", zone)
        evidence = self.names(path, "evidence", written.get("evidence"))
        return Draft(time.interval, str(kind), subject, by, evidence, body)

    # --- parts -------------------------------------------------------------------------------------------------------

    def time(self, path: Path, written: Any) -> _Time | None:
        """A date, a month, a year, an instant, or two of them."""
        ends = written if isinstance(written, list) else [written]
        if not 1 <= len(ends) <= 2 or not all(isinstance(e, str) for e in ends):
            self.refuse(path, "no time" if written is None else kind_of(written), FORM)
            return None
        text = "..".join(str(e) for e in ends)
        try:
            return _Time(parse_occurred(text, self.calendar), by_day="T" not in text.upper())
        except (TimeError, CalendarError) as error:
            self.refuse(path, error.found, error.expected, error.fix)
            return None

    def subject(self, path: Path, kind: str, written: Any) -> str:
        """What it is about: the agreement, an event, an amendment, a commitment or one of its parts."""
        f = self.agreement.file
        if kind in OF_AGREEMENT and written is None:
            return WHOLE
        if kind == "recognise" or kind in CORRECTIONS:
            return "" if written is None else str(written)
        if not isinstance(written, str):
            self.refuse(path, f"{kind} without subject", "what it is about", "Add subject:.")
            return ""
        known: dict[str, list[str]] = {
            "external": list(f.events), "amend": list(f.amendments), "terminate": [*f.commitments, WHOLE],
            "declare_baseline": [*f.commitments, *f.quantities],
        }  # fmt: skip
        names = [WHOLE] if kind in OF_AGREEMENT else known.get(kind, list(f.commitments))
        bare = re.sub(r"(?:@[a-z0-9_-]+)?(?:#[1-9][0-9]{0,4})?$", "", str(written))
        if bare not in names and not re.fullmatch(r"restore:[^:]+:[0-9]+", str(written)):
            fix = did_you_mean(bare, names)
            self.refuse((*path, "subject"), f"the unknown subject {shown(written)} of {kind}", one_of(names), fix)
        return str(written)

    def actor(self, path: Path, name: str) -> None:
        known = [*self.agreement.file.parties, *self.agreement.file.bodies]
        if name not in known:
            self.refuse(path, f"the unknown party or body {shown(name)}", one_of(known), did_you_mean(name, known))

    def names(self, path: Path, key: str, written: Any) -> tuple[str, ...]:
        """One text, or a list of them."""
        if written is None:
            return ()
        many = written if isinstance(written, list) else [written]
        if not all(isinstance(w, str) for w in many):
            self.refuse((*path, key), kind_of(written), "a text, or a list of texts")
            return ()
        return tuple(str(w) for w in many)

    def body(self, path: Path, kind: str, subject: str, written: Any) -> dict[str, Any]:
        """What belongs to the kind; numbers stay texts."""
        if written is not None and not isinstance(written, dict):
            self.refuse((*path, "body"), kind_of(written), "a mapping")
            return {}
        content = dict(written or {})
        needed = NEEDED.get(kind, ())
        known = (*needed, *FURTHER.get(kind, ()), *ALWAYS)
        for key in needed:
            if content.get(key) is None:
                self.refuse(path, f"{kind} without {key}", f"body: {{{key}: ...}}", f"Add {key} to body.")
        found: dict[str, Any] = {}
        for key, value in content.items():
            where: Path = (*path, "body", str(key))
            if key not in known:
                expected = one_of(known)
                self.refuse(where, f"the unknown key {shown(key)}", expected, did_you_mean(str(key), known), key=True)
            elif value is not None:
                found[str(key)] = self.value(where, str(key), value, kind, subject)
        if kind == "extend" and len({"until", "period"} & set(content)) != 1:
            self.refuse(path, "extend without a new time", "body: {until: a date} or {period: 1 month}", "Add one.")
        return found

    def value(self, where: Path, key: str, value: Any, kind: str, subject: str) -> Any:
        """One value of a body, checked by what its key means."""
        if key in ("record", "occurred"):
            return _bare(value)
        if not isinstance(value, str):
            self.refuse(where, kind_of(value), "a text")
            return ""
        text = str(value)
        words = ("yes", "no") if kind == "recognise" else WORDS.get(key)
        if words is not None and key in WORDS and text not in words:
            self.refuse(where, shown(text), " or ".join(words), did_you_mean(text, words))
        elif key in ("value", "progress") and not DECIMAL.fullmatch(text):
            self.refuse(where, shown(text), "a decimal number")
        elif key == "progress" and not 0 <= Fraction(text) <= 1:
            self.refuse(where, shown(text), "a number from 0 to 1")
        elif key == "consequence":
            self.consequence(where, text, subject)
        elif key in ("until", "period"):
            return self.time_of_body(where, key, text)
        elif key == "ref":
            return self.reference(where, text)
        return text

    def consequence(self, where: Path, text: str, subject: str) -> None:
        bare = subject.partition("@")[0].partition("#")[0]
        commitment = self.agreement.file.commitments.get(bare)
        most = len(commitment.on_breach) if commitment else 0
        if commitment and not (text.isdigit() and len(text) < 5 and 1 <= int(text) <= most):
            expected = f"a number from 1 to {most}" if most else f"a consequence of {bare}; it has none"
            self.refuse(where, shown(text), expected)

    def time_of_body(self, where: Path, key: str, text: str) -> str:
        try:
            if key == "until":
                parse_moment(text)
            elif not ISO_PERIOD.fullmatch(text):
                p = parse_period(text)
                days = "".join(f"{n}{unit}" for n, unit in ((p.years, "Y"), (p.months, "M"), (p.days, "D")) if n)
                return f"P{days}" + (f"T{p.hours}H" if p.hours or not days else "")
        except TimeError as error:
            self.refuse(where, error.found, error.expected, error.fix)
        return text

    def reference(self, where: Path, text: str) -> str:
        """The number of another record: as written, or that of an earlier entry by its id."""
        if text in self.labels:
            return str(self.first + self.labels[text])
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            expected = "the number of a record, or the id of an earlier entry"
            self.refuse(where, shown(text), expected, did_you_mean(text, list(self.labels)))
        return text


def _bare(value: Any) -> Any:
    """Texts without their places."""
    if isinstance(value, dict):
        return {str(k): _bare(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_bare(v) for v in value]
    return None if value is None else str(value)
