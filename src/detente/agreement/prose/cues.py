"""The words that make a clause a duty, a permission or a prohibition, and those that only seem to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from detente.agreement.prose.lexicon import ATTITUDES, DEVERBAL, HOLDS, VERBS

_ADV = (
    r"(?:\s+(?:also|then|each|jointly|immediately|promptly|thereafter|only|further|together|therefore|fully"
    r"|gradually|hereby|both))?"
)
_PROMISE = (
    r"(?:undertakes?|undertook|undertaken|commits?|committed|pledges?|pledged|agrees?|agreed|promises?|promised"
    r"|decides?|decided"
    r"|resolves?|resolved|vows?|vowed|guarantees?|consents?|consented)"
)
CUE = re.compile(
    rf"(?<![\w-])(?:(?P<modal>shall|must|will|may|should|can)(?P<not>\s+not|\s+in\s+no\s+(?:case|event|way)"
    rf"|\s+under\s+no\s+circumstances?|\s+at\s+no\s+time|\s+on\s+no\s+account|\s+never|\s+neither)?{_ADV}(?=[\s,]+[A-Za-z])"
    rf"|(?P<be>is|are)(?P<benot>\s+not)?\s+(?P<how>required|obliged|obligated|bound|expected|permitted|allowed"
    rf"|entitled|authori[sz]ed"
    r"|free|prohibited|forbidden)\s+(?:to|from)(?=\s)"
    r"|(?P<tobe>is|are)(?P<tobenot>\s+not)?\s+to(?=\s+[a-z])"
    r"|(?P<have>have|has)\s+the\s+(?P<what>right|obligation|duty)\s+to(?=\s)"
    rf"|(?P<promise>(?<!as\s)(?:hereby\s+)?{_PROMISE})(?:\s+(?:themselves"
    rf"|itself))?(?P<prnot>\s+(?:not|never|neither)(?:,?\s+under\s+any\s+circumstances,?)?)?\s+(?P<to>to)(?=\s+\w))",
    re.IGNORECASE,
)
SKIPPED_BEFORE = re.compile(
    r"(?:\b(?:which|who|that|whose|what|how|whether|if|nothing\s+(?:herein|in\s+this\s+\w+)|it)\s+)$", re.IGNORECASE
)
UNLESS = re.compile(
    r"\b(?:if|unless|provided that|except that|except as|except where|so that|such that|whether|how|in case"
    r"|where|in order that|stating that"
    r"|which|whose|who|nothing)\b[^,;:]{0,200}$",
    re.IGNORECASE,
)
_ATTITUDE = re.compile(
    r"(?<![\w-])(?:" + "|".join(
        sorted({f"{v}{s}" for v in ATTITUDES for s in ("", "s", "es", "d", "ed")}
               | {v[:-1] + "ing" if v.endswith("e") else v + "ing" for v in ATTITUDES}, key=lambda w: (-len(w), w))
    ) + r")(?![\w-])", re.IGNORECASE,
)  # fmt: skip
_FORMS = frozenset(
    f"{v}{s}" for v in ATTITUDES for s in ("", "s", "es", "d", "ed")
) | {v[:-1] + "ing" if v.endswith("e") else v + "ing" for v in ATTITUDES}  # fmt: skip
WORD = re.compile(r"[a-z]{4,}")


def attitudes(text: str) -> tuple[re.Match[str], ...]:
    """The verbs of attitude in a sentence; most have none, which the set of its words tells at once."""
    if _FORMS.isdisjoint(WORD.findall(text.lower())):
        return ()
    return tuple(_ATTITUDE.finditer(text))


PASSIVE = re.compile(
    r"\s*(?:also\s+|then\s+)?(?:be|being|been|get)\s+(?:(?:not|\w+ly|also|then)\s+)?(?P<part>\w+ed|given|taken"
    r"|done|made|held|begun|drawn"
    r"|withdrawn|shown|paid|sent|built|kept|put|set|brought|laid|left|sold|told|led|met|found|cut|shut|lent"
    r"|sought|overseen|undertaken"
    r"|chosen|frozen|written|lost|known|seen|read)(?![\w-])"
)
PREAMBLE = re.compile(
    r"(?:convinced|mindful|determined|desiring|desirous|guided|resolved|considering|conscious|aware|having"
    r"|wishing|inspired|bearing in mind)\b"
    r"[^,;]{0,600}(?:[,;]|$)",
    re.IGNORECASE,
)
SUBJECT_TO = re.compile(
    r"\s*be\s+(?:subject|binding|valid|without|in\s+force|equal|final|deemed|construed|considered|under\b(?!\s+way))",
    re.IGNORECASE,
)
ASIDE = re.compile(
    r",\s+(?:however|therefore|if\s+necessary|as\s+necessary|where\s+appropriate|in\s+turn"
    r"|to\s+this\s+end)[^,]{0,60},\s+",
    re.IGNORECASE,
)
# Words between commas after the modal; unlike those above they limit the act and are shown with it.
LIMITS = re.compile(
    r",\s+(?:subject\s+to|without|within|in|on|at|by|under|upon|after|before|during|for|from|as|if|unless|where|when|until"
    r"|pursuant|notwithstanding|with|to\s+the|through|no\s+later|not\s+later|except|consistent|following)\s[^,;:]{1,160},\s+",
    re.IGNORECASE,
)
INVERTED = re.compile(r"\s+(?:either|any|the|an?|one|they|it|there|such|[A-Z]\w*)\s")
NEVER = re.compile(r",\s+(?:in|under|at|on)\s+no\s", re.IGNORECASE)
LEAVE = re.compile(r"\s*be\s+(?P<how>permitted|allowed|entitled|authori[sz]ed|free(?=\s+to)|required"
                   r"|obliged|prohibited|forbidden)(?P<to>\s+(?:to|from)(?=\s))?(?![\w-])(?!\s+by\s)",
                   re.IGNORECASE)  # fmt: skip
FIRST_WORDS = re.compile(r"(?:(?:immediate|full|complete|permanent|early|unconditional|comprehensive|mutual"
    r"|phased|prompt|gradual|and|the)\s+){0,4}([\w-]+)",
                         re.IGNORECASE)  # fmt: skip
REFRAINS = re.compile(r"\s*(?:refrain|abstain|desist|cease\s+and\s+desist)\b", re.IGNORECASE)
REFUSING = frozenset({"prohibited", "forbidden"})
DUTIES = frozenset({"required", "obliged", "obligated", "bound", "expected"})


@dataclass(frozen=True, slots=True)
class Cue:
    """What makes a clause a duty.

    Attributes:
        start, end: the words, negation included.
        kind: obligation, permission or prohibition.
        rule: by which rule: modal, promise, to-be, right, nominal, imperative.
        act: where the act begins.
        limit: where words begin that limit it and stand before it ("shall, subject to ..., pay"); -1: none.
    """

    start: int
    end: int
    kind: str
    rule: str
    act: int
    limit: int = -1


def cues_of(text: str) -> tuple[Cue, ...]:
    """The cues of a sentence that say what somebody is to do, in order.

    Left out: descriptions (*which will*), conditions (*if ... shall*), what a verb of attitude governs
    (*reaffirm that they will*), and rules that hold by being written (*shall mean*, *shall apply*).
    """
    found: list[Cue] = []
    attitude = next(iter(attitudes(text)), None)
    preamble = PREAMBLE.match(text)
    for match in CUE.finditer(text):
        clause = max(text.rfind(";", 0, match.start()), text.rfind(":", 0, match.start())) + 1
        before = text[clause : match.start()]
        if match["promise"] is None and SKIPPED_BEFORE.search(before[-60:]) and before.rstrip().lower() != "it":
            continue
        if match["modal"] == "Should" and not before.strip() and "," in text[match.end() :]:
            continue  # "Should they fail, ..." is a condition
        if match["modal"] == "should" and INVERTED.match(text, match.end()) and before.rstrip().endswith(","):
            continue  # "..., should they fail"
        if preamble is not None and match.start() < preamble.end():
            continue
        if match["promise"] is None and UNLESS.search(before[-220:]):
            continue
        if attitude is not None and attitude.start() < match.start() and _governs(text, attitude, match.start()):
            continue
        cue = _cue(text, match)
        if cue is not None:
            found.append(cue)
    return tuple(found)


def _governs(text: str, attitude: re.Match[str], at: int) -> bool:
    """Whether a verb of attitude is the main verb before a cue; a participle clause that a comma ends is not."""
    between = text[attitude.end() : at]
    opening = text[: attitude.start()].strip() == "" and attitude[0].lower().endswith("ing")
    if opening:
        return "," not in between
    earlier = CUE.search(text, 0, attitude.start())
    return earlier is None


def _cue(text: str, match: re.Match[str]) -> Cue | None:
    if match["modal"]:
        return _modal(text, match)
    if match["promise"]:
        if re.search(r"\bas\s+$", text[max(0, match.start() - 8) : match.start()]):
            return None
        act = match.end("to")
        if REFRAINS.match(text, act):
            return Cue(match.start(), match.end(), "prohibition", "promise", act)
        return Cue(match.start(), match.end(), "prohibition" if match["prnot"] else "obligation", "promise", act)
    if match["have"]:
        kind = "permission" if match["what"].lower() == "right" else "obligation"
        return Cue(match.start(), match.end(), kind, "right", match.end())
    if match["tobe"]:
        kind = "prohibition" if match["tobenot"] else "obligation"
        verb = re.match(r"\s*(\w+)", text[match.end() :])
        known = verb is not None and (verb[1].lower() in VERBS or verb[1].lower() == "be")
        return Cue(match.start(), match.end(), kind, "to-be", match.end()) if known else None
    how = match["how"].lower()
    kind_of = _leave(how, banned=bool(match["benot"]))
    return Cue(match.start(), match.end(), kind_of, "allowed", match.end()) if kind_of is not None else None


def _modal(text: str, match: re.Match[str]) -> Cue | None:
    word, act = match["modal"], match.end()
    if word == "May" and re.search(r"\d\s$|\bin\s$", text[max(0, match.start() - 4) : match.start()]):
        return None  # the month
    aside = ASIDE.match(text, act)
    act = aside.end() if aside is not None else act
    limit, never = -1, False
    while (between := LIMITS.match(text, act)) is not None:
        if NEVER.match(text, act) is not None:
            never = True
        elif limit < 0:
            limit = act
        act = between.end() - 1
    right = re.match(r"\s+have\s+the\s+(right|obligation|duty)\s+to\b", text[act:], re.IGNORECASE)
    if right is not None:
        kind = "permission" if right[1].lower() == "right" else "obligation"
        return Cue(match.start(), act + right.end(), kind, "right", act + right.end())
    verb = re.match(r"\s*(?:also\s+|then\s+|in\s+the\s+end\s+)?([\w-]+)", text[act:])
    if verb is None or SUBJECT_TO.match(text, act) or verb[1].lower() in HOLDS - {"enter", "include"}:
        return None
    if re.match(r"\s*enter\s+into\s+force", text[act:]):
        return None
    nobody = re.search(
        r"(?:^|[,;:]\s*)(?:no(?!\s+later\b)|neither|none\s+of)\s[^,;:]{1,80}$", text[: match.start()], re.IGNORECASE
    )
    banned = bool(match["not"] or nobody or never)
    leave = LEAVE.match(text, act)
    if leave is not None and (leave["to"] or leave["how"].lower() not in DUTIES | REFUSING):
        kind_of = _leave(leave["how"].lower(), banned=banned)
        if kind_of is None:
            return None
        moved = leave["to"] is not None and limit < 0
        end, begin = (leave.end(), leave.end()) if moved else (match.end(), act)
        return Cue(match.start(), end, kind_of, "allowed", begin, limit)
    kind = "permission" if word.lower() in ("may", "can") else "obligation"
    kind = "prohibition" if banned or REFRAINS.match(text, act) else kind
    return Cue(match.start(), match.end(), kind, "ability" if word.lower() == "can" else "modal", act, limit)


def _leave(how: str, *, banned: bool) -> str | None:
    """The kind of *permitted to*, *prohibited from*; *not required to* frees somebody and is none."""
    if how in DUTIES:
        return None if banned else "obligation"
    if how in REFUSING:
        return "permission" if banned else "prohibition"
    return "prohibition" if banned else "permission"


def without_modal(text: str) -> Cue | None:
    """An act without a modal verb: a noun that names one at the beginning, or a verb in its base form."""
    at = 0
    opening = re.match(
        r"(?:on|within|after|upon|once|by|before|from|no\s+later\s+than)\s[^,;:]{1,160},\s+", text, re.IGNORECASE
    )
    if opening is not None:
        at = opening.end()
    words = FIRST_WORDS.match(text, at)
    if words is None:
        return None
    first = words[1].lower()
    if first in DEVERBAL and re.match(r"\s+(?:of|in|from|to|by|and|between|regime)\b", text[words.end() :]):
        finite = re.search(r"(?<![\w-])(?:is|are|was|were|has|have|had|does|did)(?![\w-])", text)
        return Cue(at, at, "obligation", "nominal", at) if finite is None else None
    plain = re.match(r"([A-Za-z][\w-]*)", text[at:])
    if (
        plain is None
        or plain[1].lower() not in VERBS
        or not text[at + plain.end() :].strip(" .;:")
        or re.match(r"\s+(?:of|is|are|was|were|by)\b", text[at + plain.end() :])
    ):
        return None
    if re.match(r"[\w-]+\s+(?:[A-Za-z]+\s+){0,3}(?:is|are|was|were|has|have)\b", text[at:]) and not (
        re.match(r"[\w-]+\s+(?:that|the|a|an|all|their|its)\b", text[at:])
    ):
        return None
    return Cue(at, at, "obligation", "imperative", at)
