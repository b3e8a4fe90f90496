"""A text judged: from bytes to a report."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping

from detente.agreement.lint.weak import weak_words
from detente.agreement.prose.actors import Actor, Names, bare, defined_names, proper_words
from detente.agreement.prose.clauses import Clause, Slot, understood
from detente.agreement.prose.judging import found
from detente.agreement.prose.reading import Source, read_source
from detente.agreement.prose.report import Proposed, ProseReport, Unread
from detente.agreement.prose.sentences import LONGEST, Sentence, sentences
from detente.agreement.prose.times import Time
from detente.base.errors import UsageError, shown

PURPOSE = re.compile(
    r"\b(?:in order to|so that|so as to|for the purpose of|with a view to|aimed at|with the aim of)\b", re.IGNORECASE
)


def party_table(text: str) -> dict[str, tuple[str, ...]]:
    """The user's table of names: ``DPRK=North Korea,the DPRK; US=United States``.

    Raises:
        UsageError: an entry without a name, or a name given to two parties.
    """
    table: dict[str, tuple[str, ...]] = {}
    owner: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        name, _, rest = (part.strip() for part in entry.partition("="))
        others = tuple(filter(None, (part.strip() for part in rest.split(","))))
        if not name or name in table:
            raise UsageError(f"the party {shown(entry)}", "each party once, as name=other name,other name")
        table[name] = others
        for alias in {bare(n) for n in (name, *others)}:
            if alias in owner:
                raise UsageError(f"the name {shown(alias)} of {owner[alias]} and {name}", "each name for one party")
            owner[alias] = name
    return table


def lint_prose(data: bytes, name: str, parties: Mapping[str, Iterable[str]] | None = None) -> ProseReport:
    """What a text, a Markdown file or a Word document seems to bind whom to, and what it lacks.

    Args:
        data: the file.
        name: of the file, for messages.
        parties: a party's name -> its other names (``party_table`` reads a line of them).

    Raises:
        UsageError: it cannot be read.
    """
    source = read_source(data, name)
    table = {party: tuple(others) for party, others in (parties or {}).items()}
    aliases = {bare(n): party for party, others in table.items() for n in (party, *others)}
    defined = defined_names(source.text)
    for _, _, short in defined:
        aliases.setdefault(bare(short), "")
    names = Names(
        {k: v or k for k, v in aliases.items() if bare(k) not in ("parties", "sides", "party")},
        proper_words(source.text),
    )
    proposed: list[Proposed] = []
    unread: list[Unread] = []
    count = 0
    for sentence in sentences(source.text, by_line=source.by_line):
        count += 1
        too_long = len(sentence.text) > LONGEST
        seen = None if too_long else understood(sentence.text, names)
        if seen is None or not seen.clauses:
            why = "too long" if seen is None else "attitude" if seen.attitude else "not understood"
            unread.append(Unread(*source.place(sentence.start), sentence.start, sentence.end, sentence.shown, why))
            continue
        weak = weak_words(sentence.text)
        for clause in seen.clauses:
            own = [(w.start, w.end, w.word, w.group) for w in weak if _belongs(w.start, clause, seen.clauses)]
            who = tuple(dict.fromkeys(_party(a.value, table, names) for a in clause.actors if not a.collective))
            proposed.append(_proposed(source, sentence, clause, seen.refs, own, f"p{len(proposed) + 1}", who))
    short_names = tuple((short, source.place(start)[0]) for start, _, short in defined)
    return ProseReport(
        name,
        count,
        tuple(proposed),
        tuple(unread),
        tuple(found(proposed, source.text)),
        short_names,
        table,
        "paragraph" if source.by_line else "line",
    )


def _belongs(at: int, clause: Clause, all_of: tuple[Clause, ...]) -> bool:
    """Whether a word belongs to a clause: it stands in its act, or before the first and this is the first."""
    return clause.act.start <= at < clause.act.end or (clause is all_of[0] and at < clause.act.start)


def _position(at: int, text: str, clause: Clause) -> str:
    """In which slot a word stands."""
    if any(t.start <= at < t.end for t in clause.times):
        return "time"
    if clause.act.start <= at < clause.act.end:
        purpose = PURPOSE.search(text, clause.act.start, clause.act.end)
        return "purpose" if purpose is not None and at >= purpose.start() else "act"
    return "opening words"


def _proposed(
    source: Source, sentence: Sentence, clause: Clause, refs: tuple[Time, ...],
    weak: list[tuple[int, int, str, str]], number: str, parties: tuple[str, ...],
) -> Proposed:  # fmt: skip
    """A clause with places in the whole text."""
    off = sentence.start

    def slot(s: Slot) -> Slot:
        return dataclasses.replace(s, start=s.start + off, end=s.end + off)

    def time(t: Time) -> Time:
        return dataclasses.replace(t, start=t.start + off, end=t.end + off)

    def actor(a: Actor) -> Actor:
        return dataclasses.replace(a, start=a.start + off, end=a.end + off)

    line, column = source.place(clause.act.start + off)
    return Proposed(
        number, clause.kind, sentence.start, sentence.end, line, column, sentence.shown,
        slot(clause.cue), slot(clause.act),
        slot(clause.object) if clause.object else None, tuple(actor(a) for a in clause.actors), parties,
        tuple(time(t) for t in clause.times), tuple(time(r) for r in refs),
        slot(clause.about) if clause.about else None,
        tuple((a + off, b + off, w, g, _position(a, sentence.text, clause)) for a, b, w, g in weak),
    )  # fmt: skip


def _party(value: str, table: Mapping[str, tuple[str, ...]], names: Names) -> str:
    """The user's name for somebody, else the name as written without its article."""
    known = names.party(value)
    if known in table:
        return known
    return re.sub(r"^(?:the|a|an|all|each|every|any|no|neither|either|both)\s+", "", value, flags=re.IGNORECASE)
