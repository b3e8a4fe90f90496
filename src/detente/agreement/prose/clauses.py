"""From a sentence to proposed clauses: who, what, when, as far as closed rules go."""

from __future__ import annotations

import re
from dataclasses import dataclass

from detente.agreement.prose.actors import Actor, Names, actors_of, phrases, subject_of
from detente.agreement.prose.cues import PASSIVE, Cue, attitudes, cues_of, without_modal
from detente.agreement.prose.lexicon import NOUNS, VERBS
from detente.agreement.prose.times import Time, times_of

LONGEST_ACT = 300
BY = re.compile(r"(?<![\w-])by\s+(?!\w+ing\b)")
AFTER_AGENT = re.compile(
    r"\s(?:in|on|at|within|under|with|to|for|before|after|as|during|through|no\s+later|not\s+later|until"
    r"|pursuant|so|that|which|who|by|shall|will)\s"
    r"|[.;:(]|,\s(?!(?:and\s)?(?:the\s)?[A-Z])"
)
AND_VERB = re.compile(
    r"(?:(?<=[\w,)])\s+(?P<join>and|or|nor|but)|,(?!\s+(?:and|or|nor|but)\s))\s+(?:also\s+|then\s+)?(?P<no>not\s+)?(?P<to>to\s+)?"
    r"(?P<verb>[a-z]+)(?=[\s,])(?!\s+of\b)"
)
NOT = re.compile(r"(?<![\w-])(?:not|never|no|neither|none|nor)(?![\w-])", re.IGNORECASE)
FROM = re.compile(r"\s*(?:refrain|abstain|desist|cease\s+and\s+desist)\s+from(?=[\s,])", re.IGNORECASE)
# "refrain from ..., and to prevent, any transfer": what both verbs are about stands behind the second.
SHARED = re.compile(r",?\s+(?:and|or)\s+(?:to\s+|shall\s+)?[a-z]+,\s+", re.IGNORECASE)
DETERMINER = re.compile(r"\s+(?:the|its|their|his|her|all|any|each|every|these|those|such|\d[\d,.]*)\s")
JOINS = re.compile(r"[\s,]*(?:(?:and|or|but)\s+)?(?:then\s+|also\s+)?")
SAYING = re.compile(
    r"\b(?:agrees?|agreed|understands?|understood|undertakes?|confirms?|accepts?|declares?|ensures?|takes it"
    r"|provides?|states?|represents?"
    r"|acknowledges?|stipulates?)\s+(?:further\s+)?that\s+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Slot:
    """A proposed value: where it stands in the sentence, as written on one line, and by which rule."""

    start: int
    end: int
    value: str
    rule: str


@dataclass(frozen=True, slots=True)
class Clause:
    """What a sentence seems to say that somebody is to do.

    Attributes:
        kind: obligation, permission or prohibition.
        cue: the words that make it so.
        actors: who, as named; empty: nobody is named.
        act: what, up to the next clause.
        object: what follows the verb, if the verb is known.
        times: dates and triggers.
        about: the subject, where it names nobody who acts ("Deliveries of oil").
    """

    kind: str
    cue: Slot
    actors: tuple[Actor, ...]
    act: Slot
    object: Slot | None
    times: tuple[Time, ...]
    about: Slot | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """A sentence with what it proposes; ``attitude``: it only tells one."""

    clauses: tuple[Clause, ...]
    refs: tuple[Time, ...]
    attitude: bool


def understood(text: str, names: Names) -> Understood:
    """The clauses that closed rules find in a sentence."""
    times, refs = times_of(text, recalled(text))
    cues = cues_of(text)
    attitude = bool(attitudes(text)) and not cues
    if not cues and not attitude:
        bare = without_modal(text)
        cues = (bare,) if bare is not None else ()
    if not cues:
        refs = tuple(sorted((*refs, *(t for t in times if t.day)), key=lambda t: t.start))
        return Understood((), refs, attitude)
    clauses: list[Clause] = []
    actors: tuple[Actor, ...] = ()
    for number, cue in enumerate(cues):
        end = cues[number + 1].start if number + 1 < len(cues) else len(text)
        actors, found = _clauses(text, cue, end, actors, names)
        clauses += found
    return Understood(_timed(clauses, times), refs, attitude)


def recalled(text: str) -> tuple[tuple[int, int], ...]:
    """Clauses that only recall or reaffirm: participles at the beginning, up to their comma."""
    found = []
    for match in attitudes(text):
        if match[0].lower().endswith("ing") and (
            match.start() == 0 or text[: match.start()].rstrip().endswith((",", ";"))
        ):
            comma = text.find(", ", match.end())
            found.append((match.start(), comma if comma >= 0 else len(text)))
    return tuple(found)


def _clauses(
    text: str, cue: Cue, end: int, before: tuple[Actor, ...], names: Names
) -> tuple[tuple[Actor, ...], list[Clause]]:
    """The actors and the clause of a cue, and those that share its subject ("shut down and seal and invite back")."""
    start = _beginning(text, cue.start)
    words = text[start : cue.start]
    passive = PASSIVE.match(text, cue.act) if cue.rule in ("modal", "to-be", "allowed", "ability") else None
    stop = _act_end(text, cue.act, end)
    if cue.rule in ("nominal", "imperative"):
        actors = _agent(text, cue.act, stop, names, "by-phrase")
    elif passive is not None:
        actors = _agent(text, passive.end(), stop, names, "by-phrase")
    elif before and (_chained(text, cue.start) or JOINS.fullmatch(words)):
        actors = tuple(Actor(a.start, a.end, a.value, a.collective, "shared-subject") for a in before)
    else:
        actors = subject_of(text, start, cue.start, names, cue.rule)
        if not actors and re.search(r"(?:^|,|\s)(?:and|or|but)\s*$", words) and before:
            actors = tuple(Actor(a.start, a.end, a.value, a.collective, "shared-subject") for a in before)
    if cue.rule == "ability" and not actors:
        return before, []  # "the plan can help" permits nothing
    about = None
    if cue.rule not in ("nominal", "imperative") and (passive is not None or not actors):
        a, b = next(iter(phrases(text, start, cue.start)), (start, start))
        about = _slot(text, a, b, "subject") if text[a:b].strip() else None
    said = (
        _slot(text, cue.start, cue.end, cue.rule) if cue.end > cue.start else Slot(cue.start, cue.start, "", cue.rule)
    )
    cuts = () if passive is not None or cue.rule == "nominal" else _cuts(text, cue, stop)
    begin = _bare_act(text, start, cue, cuts)
    edges = [begin[0], *(verb for _, verb, _ in cuts)]
    ends = [begin[1] if cuts else stop, *(at for at, _, _ in cuts[1:]), stop][: len(edges)]
    kinds = [cue.kind, *(kind for _, _, kind in cuts)]
    shared = tuple(Actor(a.start, a.end, a.value, a.collective, "shared-subject") for a in actors)
    return actors, [
        Clause(kind, said, shared if number else actors,
            _slot(text, a, b, "conjunct" if number else cue.rule),
            _object(text, a if number else max(a, cue.act), b), (), about)
        for number, (kind, a, b) in enumerate(zip(kinds, edges, ends, strict=True)) if text[a:b].strip()
    ]  # fmt: skip


def _cuts(text: str, cue: Cue, stop: int) -> tuple[tuple[int, int, str], ...]:
    """Where further verbs share a subject: where each part ends, where the next begins, and what that one is.

    *Refrain from this and do that* is a ban and a duty; *shall not do this or that* is two bans.
    """
    refrain = FROM.match(text, cue.act) is not None
    found = []
    for match in AND_VERB.finditer(text, cue.act, stop):
        verb, join = match["verb"], match["join"]
        if verb not in VERBS or (match["to"] and not _to_of(text, cue, match.start())):
            continue
        if refrain and not match["to"] and (join == "or" or not (
            DETERMINER.match(text, match.end()) or verb not in NOUNS)):  # fmt: skip
            continue
        if join is None and not (refrain or match["to"]):
            continue
        duty = "obligation" if cue.kind == "prohibition" and (
            refrain or join == "but" or (join == "and" and match["to"])) else cue.kind  # fmt: skip
        held = FROM.match(text, match.start("verb"), stop)
        kind = "prohibition" if (held or match["no"]) and cue.kind != "permission" else duty
        found.append((match.start(), held.end() if held and not match["no"] else match.start("verb"), kind))
    return tuple(found)


def _to_of(text: str, cue: Cue, at: int) -> bool:
    """Whether an infinitive belongs to the cue ("undertakes to ... and to ...") and to no verb in between."""
    between = (m[1] for m in re.finditer(r"\sto\s+([a-z]+)", text[cue.act : at]))
    governed = re.search(r"\bto\s*$", text[cue.start : cue.end]) is not None
    joined = (m["verb"] for m in AND_VERB.finditer(text, cue.act, at) if m["to"])
    return governed and not ({v for v in between if v in VERBS} - set(joined))


def _bare_act(text: str, start: int, cue: Cue, cuts: tuple[tuple[int, int, str], ...]) -> tuple[int, int]:
    """The first act; of *refrain from X* it is X, as the clause is a ban already."""
    end = cuts[0][0] if cuts else cue.act
    refrain = FROM.match(text, cue.act)
    if refrain is None or cue.kind != "prohibition" or NOT.search(text, start, cue.end):
        return (cue.limit if cue.limit >= 0 else cue.act), end
    if cuts and not text[refrain.end() : end].strip(" ,"):
        shared = SHARED.match(text, end)
        if shared is not None:
            return shared.end(), max(shared.end(), _act_end(text, shared.end(), len(text)))
        return cue.act, end
    return refrain.end(), end


def _chained(text: str, at: int) -> bool:
    """Whether another modal stands right before a cue ("will undertake to")."""
    return re.search(r"\b(?:shall|will|must|may|should)(?:\s+not)?\s+$", text[max(0, at - 16) : at]) is not None


def _beginning(text: str, cue: int) -> int:
    """Where the clause begins in which a cue stands."""
    start = max(text.rfind(";", 0, cue), text.rfind(":", 0, cue)) + 1
    for match in SAYING.finditer(text, start, cue):
        start = match.end()
    then = text.rfind(" then ", start, cue)
    joined = [
        m.end() for m in re.finditer(r",\s+(?:and|but|or)\s+(?=(?:the|each|both|it|they|You)\b)", text[start:cue])
    ]
    earlier = re.search(r"(?<![\w-])(?:shall|will|must|may|undertakes?|agrees?)(?![\w-])", text[start:cue])
    if joined and earlier is not None and joined[-1] > earlier.start():
        return start + joined[-1]
    if earlier is not None:
        late = re.search(
            r"\s+(?:and|but|or)\s+(?=(?:(?:[A-Z]|the\s|each\s|both\s|that\s)[^,]{0,80})?$)|,\s+in which\s+",
            text[start + earlier.end() : cue],
        )
        return start + earlier.end() + late.end() if late is not None else start
    return then + 6 if then >= 0 else start


def _act_end(text: str, start: int, end: int) -> int:
    """Where an act ends: at the next clause, sentence part or after so many characters."""
    limit = min(end, start + LONGEST_ACT)
    stop = re.search(r"[;]|,?\s+(?:provided that|unless|except that)\s", text[start:limit])
    limit = start + stop.start() if stop is not None else limit
    joint = re.search(r",?\s+(?:and|or|but)\s*$", text[start:limit])
    if joint is None and limit == end < len(text):  # the next clause's subject: "..., and the Northern State shall"
        joint = re.search(r",\s+(?:and|but|while)\s+(?:the\s+|each\s+|both\s+)?[A-Z][\w .-]{0,60}$", text[start:limit])
    return start + joint.start() if joint is not None else limit


def _agent(text: str, start: int, end: int, names: Names, rule: str) -> tuple[Actor, ...]:
    """Who does it, where "by" says so."""
    for by in BY.finditer(text, start, end):
        stop = AFTER_AGENT.search(text, by.end(), end)
        found = actors_of(text, by.end(), stop.start() if stop is not None else end, names, rule)
        if found:
            return found
    return ()


def _slot(text: str, start: int, end: int, rule: str) -> Slot:
    while start < end and text[start] in " ,":
        start += 1
    while end > start and text[end - 1] in " ,.;:":
        end -= 1
    return Slot(start, end, " ".join(text[start:end].split()), rule)


def _object(text: str, start: int, end: int) -> Slot | None:
    """What follows the verb, up to the next comma or time."""
    verb = re.compile(r"\s*(?:be\s+)?([\w-]+)(?:\s+(?:down|up|out|off|back|over|away))?\s+").match(text, start, end)
    if verb is None or not (verb[1].lower() in VERBS or verb[1].lower().endswith("ing")):
        return None
    stop = re.compile(r"[,.;:]|\s(?:within|by|no later|not later|upon|after|before|until|when|once"
        r"|in accordance|as agreed|for the purpose)\s").search(
        text, verb.end(), end)  # fmt: skip
    slot = _slot(text, verb.end(), stop.start() if stop is not None else end, "after-verb")
    return slot if slot.value else None


def _timed(clauses: list[Clause], times: tuple[Time, ...]) -> tuple[Clause, ...]:
    """Each time goes to the clause in whose act it stands, one before the first clause to all of the sentence."""
    out = []
    for number, clause in enumerate(clauses):
        nxt = clauses[number + 1].act.start if number + 1 < len(clauses) else 10**9
        own = tuple(t for t in times if t.start < clauses[0].act.start or clause.act.start <= t.start < nxt)
        out.append(Clause(clause.kind, clause.cue, clause.actors, clause.act, clause.object, own, clause.about))
    return tuple(out)
