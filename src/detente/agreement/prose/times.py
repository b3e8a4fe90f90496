"""Dates and triggers of a closed list of forms, told apart from dates that are only mentioned."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from detente.agreement.prose.lexicon import bag

MONTHS = tuple(
    bag("""
    January February March April May June July August September October November December
""")
)
NUMBERS = {w: n for n, w in enumerate(bag("zero one two three four five six seven eight nine ten eleven twelve"))} | {
    "fifteen": 15, "twenty": 20, "thirty": 30, "forty-five": 45, "sixty": 60, "ninety": 90, "a": 1, "an": 1,
}  # fmt: skip
_MONTH = rf"(?:{'|'.join(MONTHS)})"
_DATE = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?:st|nd|rd|th)?\s{{1,4}}{_MONTH}(?:,?\s{{1,4}}\d{{4}})?"
    rf"|{_MONTH}\s{{1,4}}\d{{1,2}}(?:st|nd|rd|th)?(?:,\s{{1,4}}\d{{4}})?|{_MONTH}\s{{1,4}}\d{{4}}"
    r"|(?:the\s{1,4})?end\s{1,4}of\s{1,4}(?:the\s{1,4}year\s{1,4})?\d{4})(?!\w)"
)
DATE = re.compile(_DATE)
_COUNT = rf"(?:{'|'.join(sorted(NUMBERS, key=len, reverse=True))}|\d{{1,5}})(?:\s{{1,4}}\(\d{{1,5}}\))?"
_SPAN = (
    rf"{_COUNT}[\s-]{{1,4}}(?:working\s{{1,4}}|calendar\s{{1,4}}|business\s{{1,4}})?(?:hours?|days?|weeks?"
    rf"|months?|years?)"
)
_NTH = r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d{1,3}(?:st|nd|rd|th))"
_ANCHOR = r"(?:\s{1,4}(?:of|from|after|following|before|prior\s{1,4}to|since)\s{1,4}[^,.;:]{1,120})"
# What ends an anchor or a trigger: the next verb or the next time, so that two deadlines are two.
_STOP = re.compile(
    r"\s(?:shall|will|must|may|should|in accordance with|pursuant to|under an?|as set out|and (?:shall|will"
    r"|must|end|be)|so that|in order to"
    r"|unless|except|no later than|not later than|within|with all)\b"
)
CASED = ("on-date", "from-date", "should", "in-year")
FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"(?<![\w-]){pattern}", re.IGNORECASE if name not in CASED else 0))
    for name, pattern in (
        ("condition", (r"(?:(?<!as )(?<!even )if"
            r"(?!\s{1,4}(?:necessary|needed|any|possible|appropriate|applicable|required|so)\b)"
            r"|unless|in\s{1,4}the\s{1,4}event\s{1,4}(?:that|of)|in\s{1,4}case(?:\s{1,4}of)?|(?:as|so)\s{1,4}long\s{1,4}as"
            r"|on\s{1,4}condition\s{1,4}that)\s{1,4}[^,.;:]{1,160}")),
        ("should", (r"(?:^\s{0,4}Should\s{1,4}[^,.;:]{1,160}(?=,)|(?<=,\s)should\s{1,4}(?:either|any|the|an?|one|they"
            r"|it|there|such|[A-Z]\w{0,40})\s[^,.;:]{1,160})")),
        ("no-later-than", (rf"(?:no|not) later than\s{{1,4}}(?:{_DATE}"
            rf"|(?:the\s{{1,4}})?{_NTH}\s{{1,4}}day{_ANCHOR}?|{_SPAN}{_ANCHOR}?)")),
        ("within", rf"(?:within|inside)\s{{1,4}}(?:the\s{{1,4}})?(?:next\s{{1,4}}|first\s{{1,4}})?{_SPAN}{_ANCHOR}?"),
        ("nth-day", rf"(?:on|from)\s{{1,4}}the\s{{1,4}}{_NTH}\s{{1,4}}day{_ANCHOR}?"),
        ("for", (rf"for\s{{1,4}}(?:a\s{{1,4}}period\s{{1,4}}of\s{{1,4}}|at\s{{1,4}}least\s{{1,4}})?{_SPAN}"
            r"(?:\s{1,4}(?:after|from|following)\s{1,4}[^,.;:]{1,120})?")),
        ("in-advance", rf"{_SPAN}\s{{1,4}}(?:in\s{{1,4}}advance|beforehand)"),
        ("span-after", rf"{_SPAN}\s{{1,4}}(?:after|before|from|following|prior\s{{1,4}}to)\s{{1,4}}[^,.;:]{{1,120}}"),
        ("by-date", rf"(?:by|until|till|before)\s{{1,4}}{_DATE}"),
        ("on-date", rf"(?:[Oo]n|[Ss]tarting|[Bb]eginning)\s{{1,4}}{_DATE}"),
        ("from-date", rf"(?:[Ff]rom|[Aa]s\s{{1,4}}of)\s{{1,4}}{_DATE}"),
        ("every", rf"every\s{{1,4}}(?:(?:{_COUNT}\s{{1,4}})?(?:hours?|days?|weeks?|months?|years?)|quarter)"),
        ("every", (r"(?:(?:once|twice)\s{1,4}(?:a|every|each)\s{1,4}(?:day|week|month|year)"
            r"|each\s{1,4}(?:day|week|month|year|quarter)"
            r"|annually|yearly|monthly|weekly|daily|quarterly)(?![\w-])(?!\s{1,4}(?:report|meeting|list|summar)\w*)")),
        ("always", r"at\s{1,4}all\s{1,4}times(?!\w)"),
        ("in-year", (rf"[Ii]n\s{{1,4}}(?:{_MONTH}\s{{1,4}})?\d{{4}}"
            r"(?:(?:\s{1,4}and|\s{1,4}or|,|,\s{1,4}and)\s{1,4}\d{4}){0,9}(?![\w-])")),
        ("trigger", (r"(?:(?<!at )once|upon|as\s{1,4}soon\s{1,4}as(?!\s{1,4}(?:possible|practicable|feasible))"
            r"|when|after|before|until)"
                    r"\s{1,4}[^,.;:]{1,160}")),
    )
)  # fmt: skip
COUNTED = ("within", "no-later-than", "span-after", "nth-day", "for")
HINT = re.compile(
    r"\b(?:within|inside|later|day|days?|weeks?|months?|years?|hours?|once|upon|soon|when|after|before|until"
    r"|till|by|on|from|every|"
    r"starting|beginning|as of|if|should|unless|event|case|long|condition|annually|yearly|monthly|weekly|daily"
    r"|quarterly|each|twice|in|all|advance|beforehand|for)\b",
    re.IGNORECASE,
)
FORMS_BY = dict(FORMS)
DOING = re.compile(r"\s*[a-z]{2,}ing\s")
WHEN = re.compile(r"\s*(?:when|whenever|once|after|where|upon|as soon as)\s[^,]*$", re.IGNORECASE)
CROSS = re.compile(
    r"(?<![\w-])(?:(?:Article|Articles|Section|Sections|Paragraph|paragraph|paragraphs|Annex|Annexes|Appendix"
    r"|Chapter|Part)\s{1,4}"
    r"(?:[IVXLC]{1,6}|[A-Z]"
    r"|\d{1,3})(?:[-.]?[A-Z0-9]{1,3}){0,3}(?:\s?\([a-z0-9]{1,3}\)){0,3}(?:,\s{1,4}(?:paragraph"
    r"|section)\s{1,4}\d{1,3})?"
    r"|[Rr]esolutions?\s{1,4}\d{1,5}(?:\s?\(\d{4}\))?"
    r"|(?:[A-Z]\w{2,20}\s{1,4}){1,4}(?:Declaration|Agreement|Protocol|Convention|Treaty|Memorandum"
    r"|Communiqu[eé]))(?!\w)"
)

MODAL = re.compile(r"(?<![\w-])(?:shall|will|must|may|should|can|cannot|(?:undertake|agree|commit|pledge)s?)(?![\w-])")
RELATIVE = re.compile(r"(?<![\w-])(?:which|who|whom|whose|that|what)(?![\w-])")
SAYS = re.compile(
    r"(?<![\w-])(?:(?:ensur|agre|understand|confirm|declar|provid|stat|undertak|guarante|decid|see to it|so)\w*\s+)$",
    re.IGNORECASE,
)
# "gear seized", "troops stationed in the zone"; neither "armed forces" nor "be removed", "moved and removed".
PARTICIPLE = re.compile(
    r"(?<!be )(?<!is )(?<!are )(?<!been )(?<!and )(?<!or )(?<!, )(?<!ly )(?<![\w-])"
    r"(?:[a-z]{2,}(?<!e)ed|taken|made|held|built|begun|given|sent|brought|laid|in\s+force|as\s+(?:it|they)\s+(?:was|were|stood))"
    r"(?=\s+(?:$|in|on|by|at|from|to|into|under|during|before|after|since|until|with|within|without|through|for)(?:\s|$))"
)


@dataclass(frozen=True, slots=True)
class Time:
    """A date, a period or a trigger, as written and, where that is certain, as a value.

    Attributes:
        start, end: where in the sentence.
        rule: which form.
        value: as written, on one line.
        day: the date in ISO form, if there is one.
        period: the length in the agreement file's form (``3 months``), if there is one.
        anchor: what it counts from, as written.
    """

    start: int
    end: int
    rule: str
    value: str
    day: str = ""
    period: str = ""
    anchor: str = ""


def times_of(text: str, recalled: tuple[tuple[int, int], ...] = ()) -> tuple[tuple[Time, ...], tuple[Time, ...]]:
    """The times of a sentence and the dates and documents that it only mentions.

    Args:
        text: a sentence.
        recalled: clauses that only recall or reaffirm something; no deadline stands there.
    """
    found: list[Time] = []
    for rule, form in FORMS if HINT.search(text) else ():
        for match in form.finditer(text):
            end = _end(text, match.start(), match.end(), rule)
            if _free(match.start(), end, found) and not _inside(match.start(), recalled) and _due(text, match, rule):
                found.append(_time(text, match.start(), end, rule))
    found.sort(key=lambda time: time.start)
    refs = [_time(text, m.start(), m.end(), "date") for m in DATE.finditer(text) if _free(m.start(), m.end(), found)]
    refs += [
        _time(text, m.start(), m.end(), "document") for m in CROSS.finditer(text) if _free(m.start(), m.end(), found)
    ]
    return tuple(found), tuple(sorted(refs, key=lambda ref: ref.start))


def _end(text: str, start: int, end: int, rule: str) -> int:
    """Where it ends: before the next verb of duty or the next time."""
    skip = start + (len("no later than") if rule == "no-later-than" else 2)
    stop = _STOP.search(text, skip, end)
    end = stop.start() if stop is not None else end
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _free(start: int, end: int, taken: list[Time]) -> bool:
    return all(end <= other.start or start >= other.end for other in taken)


def _inside(at: int, spans: tuple[tuple[int, int], ...]) -> bool:
    return any(start <= at < end for start, end in spans)


def _due(text: str, match: re.Match[str], rule: str) -> bool:
    """Whether it says when something is to be done, and not when something else was."""
    before = text[max(0, match.start() - 24) : match.start()]
    if rule in ("on-date", "from-date", "trigger") and DATE.search(match[0]):
        done = re.search(r"(\w+)\s+$", before)
        told = done is not None and re.search(r"(?:ed|taken|made|held|met|seized|signed)$", done[1]) is not None
        if told and re.search(r"\b(?:be|is|are|been)\s+\w+\s+$", before) is None:
            return False
    return not _describes(text, match)


def _describes(text: str, match: re.Match[str]) -> bool:
    """Whether a time stands in words that only describe something: a relative clause, or a participle after a noun."""
    start = max(text.rfind(mark, 0, match.start()) for mark in ";:") + 1
    modals = list(MODAL.finditer(text, start, match.start()))
    if match.re is FORMS_BY["condition"] or match.re is FORMS_BY["should"]:
        return False
    subject = not modals and MODAL.search(text, match.end()) is not None
    before = text[modals[-1].end() if modals else start : match.start()]
    for relative in RELATIVE.finditer(before):
        if not SAYS.search(before[: relative.start()]) and (subject or "," not in before[relative.end() :]):
            return True
    if subject and DOING.match(before[before.rfind(",") + 1 :]):
        return True  # "having seized ships on ..."
    if subject and WHEN.match(before):
        return True  # it is a part of the event that the clause waits for
    if subject and "," in before and not PARTICIPLE.search(before[before.rfind(",") :]):
        return False
    return any("," not in before[done.end() :] for done in PARTICIPLE.finditer(before))


def _time(text: str, start: int, end: int, rule: str) -> Time:
    words = text[start:end]
    anchor = (
        re.search(r"\b(?:of|from|after|following|before|since)\s+(.+)$", words, re.DOTALL) if rule != "date" else None
    )
    length = re.search(_SPAN, words, re.IGNORECASE)
    # What stands in a condition is its own date and length; "twice a year" is no length.
    waits = rule in ("condition", "should") or words[:5].lower() == "twice"
    name = "condition" if rule == "should" else rule
    return Time(start, end, name, " ".join(words.split()), "" if waits else _day(words),
                _period(length[0]) if length and not waits else "",
                " ".join(anchor[1].split()) if anchor is not None and rule in COUNTED else "")  # fmt: skip


def _period(words: str) -> str:
    count, unit = (
        re.split(r"[\s-]+", words.strip())[0].lower(),
        words.rsplit(maxsplit=1)[-1].rsplit("-", maxsplit=1)[-1].lower(),
    )
    number = NUMBERS.get(count, int(count) if count.isdigit() else 0)
    return f"{number} {unit.rstrip('s')}{'' if number == 1 else 's'}" if number else ""


def _day(words: str) -> str:
    """The one full date of some words, in ISO form."""
    match = DATE.search(words)
    if match is None:
        return ""
    written = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b|,", "", match[0]).split()
    try:
        if len(written) == 1:
            return dt.date.fromisoformat(written[0]).isoformat()
        year = int(written[-1])
        month = next(n + 1 for n, name in enumerate(MONTHS) if name in written)
        day = next(int(w) for w in written[:-1] if w.isdigit())
        return dt.date(year, month, day).isoformat() if year > 999 else ""
    except (ValueError, StopIteration):
        return ""
