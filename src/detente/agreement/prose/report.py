"""What was read in a text: proposed commitments with their places, findings, and what was not understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from detente.agreement.lint.findings import Finding
from detente.agreement.prose.actors import Actor
from detente.agreement.prose.clauses import Slot
from detente.agreement.prose.times import Time
from detente.base.errors import shown
from detente.base.wording import counted, listed, sentence

NOTE = "Everything here is proposed by closed rules and confirmed by nobody."
WIDEST = 800  # no act is longer: what is cut could turn it round ("... unless", "... not")


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposed commitment. All places are characters of the text from 0, the end excluded.

    Attributes:
        id: p1, p2, ... in the order of the text.
        kind: obligation, permission or prohibition.
        start, end: its sentence.
        line, column: where its act stands, from 1.
        sentence: on one line.
        cue, act, target: the words that make it so, what, and the object of the verb.
        actors: who, as named; empty: nobody.
        parties: the same by the user's table, else as named; groups without roles left out.
        times: dates and triggers.
        refs: dates and documents that the sentence only mentions.
        about: the subject, where it names nobody who acts.
        weak: weak words: their place, themselves, their group and what position they stand in.
    """

    id: str
    kind: str
    start: int
    end: int
    line: int
    column: int
    sentence: str
    cue: Slot
    act: Slot
    target: Slot | None
    actors: tuple[Actor, ...]
    parties: tuple[str, ...]
    times: tuple[Time, ...]
    refs: tuple[Time, ...]
    about: Slot | None
    weak: tuple[tuple[int, int, str, str, str], ...]

    @property
    def what(self) -> str:
        """The act with its subject, where the subject is a thing: ``Deliveries of oil: begin``."""
        if self.about is None:
            return self.act.value
        named = self.about.value
        if self.kind == "prohibition":  # which says "not" already
            named = re.sub(r"^(?:no|neither|none)(?=\s)", "any", named, flags=re.IGNORECASE)
        return f"{named}: {self.act.value}"

    def to_dict(self) -> dict[str, object]:
        """As plain data."""
        return {
            "id": self.id, "kind": self.kind, "line": self.line, "column": self.column,
            "start": self.start, "end": self.end, "sentence": self.sentence, "confirmed": False,
            "cue": _slot(self.cue), "act": _slot(self.act), "object": _slot(self.target) if self.target else None,
            "about": _slot(self.about) if self.about else None,
            "actors": [{**_slot(a), "collective": a.collective} for a in self.actors], "parties": list(self.parties),
            "times": [_time(t) for t in self.times], "references": [_time(t) for t in self.refs],
            "weak": [{"start": a, "end": b, "word": w, "group": g, "position": p} for a, b, w, g, p in self.weak],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unread:
    """A sentence without a proposal: ``attitude`` (it only tells one) or ``not understood``."""

    line: int
    column: int
    start: int
    end: int
    sentence: str
    why: str

    def to_dict(self) -> dict[str, object]:
        """As plain data."""
        return {"line": self.line, "column": self.column, "start": self.start, "end": self.end,
                "sentence": self.sentence, "why": self.why}  # fmt: skip


@dataclass(frozen=True)
class ProseReport:
    """The reading of one text.

    Attributes:
        name: of the file.
        sentences: how many there are.
        proposed: commitments, in order.
        unread: sentences without one.
        findings: what the text lacks.
        names: short names that the text defines for parties, with their line.
        parties: the user's table, name -> other names.
        unit: what lines are counted in: ``line``, of a Word document ``paragraph``.
    """

    name: str
    sentences: int
    proposed: tuple[Proposed, ...]
    unread: tuple[Unread, ...]
    findings: tuple[Finding, ...]
    names: tuple[tuple[str, int], ...]
    parties: Mapping[str, tuple[str, ...]]
    unit: str = "line"

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind, of sentences not understood and of commitments that name nobody."""
        kinds = [p.kind for p in self.proposed]
        whys = [u.why for u in self.unread]
        return {
            "sentences": self.sentences, "obligations": kinds.count("obligation"),
            "permissions": kinds.count("permission"),
            "prohibitions": kinds.count("prohibition"), "attitudes": whys.count("attitude"),
            "not_understood": len(whys) - whys.count("attitude"),
            "actor_unknown": sum(not p.actors for p in self.proposed),
            "actor_collective": sum(any(a.collective and not a.each for a in p.actors) for p in self.proposed),
        }  # fmt: skip

    def to_dict(self) -> dict[str, object]:
        """As plain data for JSON."""
        return {
            "name": self.name, "note": NOTE, "counts": self.counts,
            "findings": [
                {"id": f.id, "severity": f.severity, "subject": f.subject,
                 "place": {"line": f.place.line, "column": f.place.column},
                 "why": f.why, "witness": dict(f.witness), "repair": f.repair} for f in self.findings
            ],
            "proposed": [p.to_dict() for p in self.proposed], "unread": [u.to_dict() for u in self.unread],
            "names": [{"name": n, "line": line} for n, line in self.names],
            "parties": {name: list(other) for name, other in self.parties.items()},
        }  # fmt: skip

    def lines(self, most: int = 12) -> tuple[str, ...]:
        """The report for a terminal.

        Args:
            most: how many of the sentences not understood are printed.
        """
        c = self.counts
        kinds = [counted(c["obligations"], "duty", "duties"), counted(c["permissions"], "permission"),
                 counted(c["prohibitions"], "prohibition")]  # fmt: skip
        out = [
            f"{_safe(self.name, 80)}: {counted(c['sentences'], 'sentence')}. {NOTE}",
            (f"  {sentence(listed(kinds))} Naming nobody: {c['actor_unknown']}; only a group: {c['actor_collective']}."
            f" Sentences that tell an attitude: {c['attitudes']}; not understood: {c['not_understood']}."),
        ]  # fmt: skip
        for item in self.proposed:
            out += ["", *_told(item, self.findings, self.unit)]
        general = [f for f in self.findings if not f.subject]
        if general:
            out += ["", "The text as a whole", *(line for f in general for line in _finding(f, 2))]
        lost = [u for u in self.unread if u.why != "attitude"]
        if lost:
            out += ["", f"Not understood: {counted(len(lost), 'sentence')} of {c['sentences']}"]
            out += [f"  {self.unit} {u.line}: {_safe(u.sentence, 100)}" for u in lost[:most]]
            out += [f"  and {len(lost) - most} more (--json lists all)"] if len(lost) > most else []
        return tuple(out)


def _finding(found: Finding, indent: int) -> list[str]:
    told = [f"{' ' * indent}{found.severity} {found.id}: {found.why}"]
    return [*told, f"{' ' * (indent + 2)}Repair: {found.repair}"] if found.repair else told


def _told(item: Proposed, findings: tuple[Finding, ...], unit: str) -> list[str]:
    who = (
        " and ".join(_safe(a.said if item.kind == "prohibition" else a.value, 60) for a in item.actors)
        or "nobody named"
    )
    verb = {"obligation": "to", "permission": "may", "prohibition": "must not"}[item.kind]
    out = [f"{item.id}, {unit} {item.line}: {who} - {verb}: {_safe(item.what, WIDEST)}"]
    when = "; ".join(_safe(t.value, 60) for t in item.times)
    out.append(f"    when: {when or 'not said'}")
    if item.refs:
        out.append(f"    only mentioned, no deadline: {'; '.join(_safe(r.value, 40) for r in item.refs)}")
    out += [line for f in findings if f.subject == item.id for line in _finding(f, 4)]
    return out


def _safe(text: str, limit: int) -> str:
    return shown(text, limit)[1:-1]


def _slot(slot: Slot | Actor) -> dict[str, object]:
    return {"start": slot.start, "end": slot.end, "value": slot.value, "rule": slot.rule}


def _time(time: Time) -> dict[str, object]:
    return {"start": time.start, "end": time.end, "value": time.value, "rule": time.rule,
            "day": time.day, "period": time.period, "anchor": time.anchor}  # fmt: skip
