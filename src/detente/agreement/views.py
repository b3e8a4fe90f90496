"""The state as each party sees it, as all see it, and as the whole ledger says (docs/agreement-semantics.md, 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detente.agreement.calendar import Calendar
from detente.agreement.effective import effective, reference
from detente.agreement.periods import Instant
from detente.agreement.records import Record
from detente.agreement.run import Run, run
from detente.agreement.terms import Terms


@dataclass(frozen=True, slots=True)
class Views:
    """All views of one agreement.

    Attributes:
        authority: all records, the text as written.
        joint: without the records that any party does not recognise, the text as written.
        parties: by party: without those that it does not recognise, with its own reading of the text.
    """

    authority: Run
    joint: Run
    parties: Mapping[str, Run]

    def differing(self, instant: Instant) -> tuple[str, ...]:
        """The commitments whose life state differs between views at an instant."""
        runs = (self.authority, self.joint, *self.parties.values())
        lives: dict[str, set[str | None]] = {}
        told = [{s.id: s.life for s in r.at(instant)} for r in runs]
        for name in {name for t in told for name in t}:
            lives[name] = {t.get(name) for t in told}
        return tuple(sorted(name for name, found in lives.items() if len(found) > 1))


def unrecognised(terms: Terms, records: Sequence[Record]) -> dict[str, frozenset[int]]:
    """By party, the numbers of the records about which its last ``recognise`` says no."""
    said: dict[str, dict[int, bool]] = {p: {} for p in terms.parties}
    for record in effective(records, Calendar(terms.calendar)).records:
        ref = reference(record.body) if record.kind == "recognise" else None
        if ref is not None:
            for party in record.by:
                if party in said:
                    said[party][ref] = record.body.get("answer") == "yes"
    return {p: frozenset(ref for ref, yes in refs.items() if not yes) for p, refs in said.items()}


def party_view(
    terms: Terms, records: Sequence[Record], party: str, *, reading: Terms | None = None, until: Instant | None = None
) -> Run:
    """A party's view.

    Args:
        terms: the text as written.
        records: the ledger.
        party: whose view.
        reading: the text as it reads it; None: as written.
        until: as for ``run``.
    """
    left_out = unrecognised(terms, records).get(party, frozenset())
    return run(reading or terms, [r for r in records if r.seq not in left_out], until)


def joint_view(terms: Terms, records: Sequence[Record], until: Instant | None = None) -> Run:
    """What all parties recognise."""
    left_out = frozenset[int]().union(*unrecognised(terms, records).values())
    return run(terms, [r for r in records if r.seq not in left_out], until)


def views(
    terms: Terms, records: Sequence[Record], readings: Mapping[str, Terms] | None = None, until: Instant | None = None
) -> Views:
    """All views.

    Args:
        terms: the text as written.
        records: the ledger.
        readings: by party, the text as it reads it; who is missing reads it as written.
        until: as for ``run``.
    """
    own = readings or {}
    return Views(
        run(terms, records, until),
        joint_view(terms, records, until),
        {p: party_view(terms, records, p, reading=own.get(p), until=until) for p in terms.parties},
    )
