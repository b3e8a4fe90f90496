"""Words that bind nobody to anything definite, by group, found by lemma and at word boundaries, never inside a word.

Own wording of the groups of requirements engineering (vague degree and time, escape clauses, open ends, options) and
of diplomatic texts (effort, attitude, order, guarantees without content).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache

GROUPS: dict[str, str] = {
    "degree": "says how much without a measure",
    "time": "says when without a clock",
    "escape": "lets the party decide whether",
    "effort": "owes an effort and not a result",
    "attitude": "tells an attitude and no act",
    "open": "leaves the list open",
    "order": "names an order without saying what waits for what",
    "actorless": "does not say who",
    "option": "allows and does not oblige",
    "guarantee": "names a good without its content",
}

# In a phrase: ~verb in all its forms; (x) may be there; a/b one of them; everything else as written.
LISTS: dict[str, str] = {
    "degree": """adequate(ly); appropriate(ly); sufficient(ly); substantial(ly); significant(ly); reasonable;
        reasonably; effective(ly); meaningful(ly); robust(ly); full; fully; complete; completely; irreversible;
        irreversibly; all""",
    "time": """prompt; promptly; expeditious(ly); as soon as possible/practicable/feasible; soon; shortly;
        at the earliest (possible) date/time/moment; earliest possible; in due course; in due time; at once;
        at an/the appropriate time; eventual(ly); timely; in a timely manner/fashion; immediate(ly); without delay;
        without undue delay; target date; within a reasonable period/time; as progress is made;
        at a later date/time/stage; as quickly as possible""",
    "escape": """where/as/if/when appropriate; where/as/if/when necessary; as needed; if/where/when/wherever possible;
        to the (maximum/fullest) extent possible/practicable/feasible; best/sincere/reasonable/good-faith effort(s);
        all efforts; ~endeavour; ~endeavor; ~seek; subject to; in principle; as agreed; as far as possible""",
    "effort": """~work toward(s); ~join (in/their) efforts; ~make efforts; ~take (appropriate/concrete/further) steps;
        ~take (appropriate/necessary/further) measures; ~advance the process (of); ~begin the process (of);
        ~promote; ~facilitate; ~move toward(s); ~explore; ~consider; ~discuss; ~cooperate; ~co-operate; ~consult;
        ~strive; ~try; ~attempt; ~contribute to; ~aim; effort(s); ~encourage""",
    "attitude": """~reaffirm; ~reiterate; ~recognise; ~recognize; ~welcome; ~note that; ~note with; ~express;
        ~share the view; ~share the views; ~underline; ~emphasise; ~emphasize; ~acknowledge; ~commend; ~recall""",
    "open": """including but not limited to; including without limitation; and other (appropriate/relevant) measures;
        and so on; and the like; etc; such as; among others; inter alia; the following:""",
    "order": """in parallel; coordinated; co-ordinated; phased; in phases; step by step; step-by-step;
        action for action; simultaneous; simultaneously; in a coordinated manner; at the same time; stage by stage""",
    "actorless": """the (two/both/six) sides; both sides; the (two/both/six) parties; both parties; both; sides;
        the/an appropriate forum; all concerned; relevant authorities""",
    "option": "may; can; should; might; could; it is desirable that",
    "guarantee": """security guarantee(s); security assurance(s); ~normalise; ~normalize; normalisation; normalization;
        (lasting/stable) peace regime; new relations; new us-dprk relations; better/friendly/improved relations;
        ~improve relations; mutual trust; ~build confidence""",
}

INVENTORY = re.compile(
    r"\b(?:listed|inventor(?:y|ies)|declared|annex(?:es)?|appendi(?:x|ces)|schedule [A-Z0-9]+|enumerated|set out in"
    r"|specified in|named in|list of|(?:in|by|under|of|to|with) (?:the|its|their|that) (?:\w+ )?declaration(?! of))\b",
    re.IGNORECASE,
)
_UNIT = r"(?:minutes?|hours?|days?|weeks?|months?|years?)"
_MANY = r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|thirty|sixty|ninety|\d+)"
CLOCK = re.compile(
    rf"\b(?:within|in|after|inside) {_MANY}[- ]{_UNIT}\b|\b\d+[- ]{_UNIT}\b|\b\d{{4}}-\d{{2}}(?:-\d{{2}})?\b"
    r"|\b(?:by|on|until|than|before|from) (?:the )?(?:\d{1,2} [A-Z][a-z]+|[A-Z][a-z]+ \d)"
)
ALL_OF = re.compile(
    r"all (?:(?:of )?the )?(?:\w+ ){0,2}(?:part(?:y|ies)|sides|members|states|times|signatories|participants)\b"
    r"|all (?:year|day)\b",
    re.IGNORECASE,
)
NEEDS_INVENTORY = frozenset({"full", "fully", "complete", "completely", "irreversible", "irreversibly", "all"})
NEVER_TIMED = frozenset({"target date", "as progress is made"})  # weak even beside a clock


@dataclass(frozen=True, slots=True)
class Weak:
    """A weak word or phrase in a text.

    Attributes:
        start, end: where it stands, in characters from 0.
        word: as written, in small letters.
        group: one of ``GROUPS``.
    """

    start: int
    end: int
    word: str
    group: str


def _forms(verb: str) -> str:
    """All forms of a regular verb, and of the few others in the lists."""
    irregular = {
        "seek": "seek|seeks|sought|seeking", "take": "take|takes|took|taken|taking",
        "make": "make|makes|made|making", "begin": "begin|begins|began|begun|beginning",
        "strive": "strive|strives|strove|striven|striving", "build": "build|builds|built|building",
        "try": "try|tries|tried|trying", "express": "expresses|expressed|expressing|express (?=their|its|the)",
    }  # fmt: skip
    if verb in irregular:
        return f"(?:{irregular[verb]})"
    stem = re.escape(verb[:-1]) if verb.endswith("e") else re.escape(verb)
    if verb.endswith("e"):
        return f"{stem}(?:e|es|ed|ing)"
    return f"{stem}(?:es|s|ed|ing)?" if verb.endswith(("s", "sh", "ch", "x")) else f"{stem}(?:s|ed|ing)?"


def _piece(token: str) -> str:
    """One word of a phrase as a pattern."""
    if token.startswith("~"):
        return _forms(token[1:])
    ends = re.fullmatch(r"([^()]+)\(([^()]+)\)", token)
    if ends is not None:
        return f"{re.escape(ends[1])}(?:{re.escape(ends[2])})?"
    return "(?:" + "|".join(re.escape(part) for part in token.split("/")) + ")"


def _pattern(phrase: str) -> str:
    """A phrase as a pattern: words parted by any white space; words in brackets may be missing."""
    tokens = phrase.split()
    out = ""
    for number, token in enumerate(tokens):
        optional = re.fullmatch(r"\(([^()]+)\)", token)
        last = number == len(tokens) - 1
        if optional is None:
            out += _piece(token) + ("" if last or _ends_in_option(tokens, number) else r"\s+")
        else:
            out += rf"(?:\s+{_piece(optional[1])})?" if last else rf"(?:{_piece(optional[1])}\s+)?"
    return out


def _ends_in_option(tokens: list[str], number: int) -> bool:
    """Whether only a last word that may be missing follows."""
    return number == len(tokens) - 2 and tokens[-1].startswith("(")


@cache
def _compiled(group: str) -> re.Pattern[str]:
    phrases = [" ".join(phrase.split()) for phrase in LISTS[group].split(";")]
    phrases.sort(key=lambda phrase: (-len(phrase), phrase))
    inner = "|".join(_pattern(phrase) for phrase in phrases)
    return re.compile(rf"(?<![\w-])(?:{inner})(?![\w]|-\w)", re.IGNORECASE)


_BE = r"(?:is|are|was|were|be|been|being)"
_PARTICIPLE = r"(?:\w+ed|given|taken|done|made|held|begun|drawn|withdrawn|shown|paid|sent|built|kept|put|set|brought)"
PASSIVE = re.compile(rf"(?<![\w-]){_BE}(?:\s+(?:not|also|then))?\s+{_PARTICIPLE}(?![\w-])", re.IGNORECASE)
CLAUSE_END = re.compile(r"[.;:]|,\s")
BY = re.compile(r"(?<!\w)by(?!\w)", re.IGNORECASE)


def weak_words(text: str) -> tuple[Weak, ...]:
    """The weak words and phrases of a text, in the order in which they stand.

    Of phrases that lie inside one another only the longest counts; of one phrase in two groups the earlier group. A
    word of completeness is left out where an inventory is named, one of time or order where a clock is.
    """
    found: list[Weak] = []
    inventory = INVENTORY.search(text) is not None
    clock = CLOCK.search(text) is not None
    for group in LISTS:
        for match in _compiled(group).finditer(text):
            word = " ".join(match[0].lower().split())
            if not _exempt(word, group, text, match, inventory=inventory, clock=clock):
                found.append(Weak(match.start(), match.end(), word, group))
    ends = [m.start() for m in CLAUSE_END.finditer(text)]
    named = [m.start() for m in BY.finditer(text)]
    for match in PASSIVE.finditer(text):
        stop = bisect_left(ends, match.end())
        end = ends[stop] if stop < len(ends) else len(text)
        by = bisect_left(named, match.end())
        if by == len(named) or named[by] >= end:
            found.append(Weak(match.start(), match.end(), " ".join(match[0].lower().split()), "actorless"))
    return _longest(found)


def _exempt(word: str, group: str, text: str, match: re.Match[str], *, inventory: bool, clock: bool) -> bool:
    """Whether what stands beside a word makes it definite, or it is another word."""
    if word in NEEDS_INVENTORY:
        if inventory:
            return True
        if word == "all":
            before = text[max(0, match.start() - 40) : match.start()].rstrip().lower()
            return ALL_OF.match(text, match.start()) is not None or before.endswith((" at", "after", "in"))
        verb = word == "complete" and re.match(
            r"\s+(the|a|an|its|their|this|that|all)\b", text[match.end() : match.end() + 40]
        )
        return bool(verb)
    if group in ("time", "order") and word not in NEVER_TIMED:
        return clock
    if match[0] == "May":  # the month
        before, after = text[max(0, match.start() - 40) : match.start()], text[match.end() : match.end() + 40]
        return re.search(r"\d\s*$", before) is not None or re.match(r"\s\d", after) is not None
    return False


def _longest(found: list[Weak]) -> tuple[Weak, ...]:
    order = {group: number for number, group in enumerate(LISTS)}
    found.sort(key=lambda weak: (weak.start, -weak.end, order[weak.group]))
    kept: list[Weak] = []
    for weak in found:
        if not kept or weak.end > max(other.end for other in kept[-4:]):
            kept.append(weak)
    return tuple(kept)
