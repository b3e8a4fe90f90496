"""Who a clause is about: the words before a modal verb, cut to the party they name, if they name one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from detente.agreement.prose.lexicon import ACTORS, BODIES, COLLECTIVE, COUNTRIES, JOINED, THINGS, bag

OPENERS = frozenset(
    bag("""
    within upon after once in at for as when if on following notwithstanding however under subject before until
    from by during between while unless pursuant consistent according except without with through since where also
    therefore accordingly furthermore moreover additionally thereafter meanwhile provided to towards toward
    because although though against given nevertheless finally first firstly second secondly third then over
    beyond convinced mindful determined guided desiring
""")
)
ASIDES = frozenset(
    bag("""
    on with in acting represented by including as which who whose where through under at for from together
    inclusive however therefore also if when where unless except without subject pursuant after before upon having
    being within during
""")
)
PREPOSITIONS = re.compile(
    r"\s(?:in|on|at|for|with|under|to|from|by|who|which|that|as|through|between|within|during|behind|along"
    r"|whose|where|acting|including)\s"
)
ADVERBS = re.compile(
    r"\s+(?:hereby|also|each|then|therefore|further|jointly|immediately|promptly|thereby|both|thus|accordingly"
    r"|only|thereafter|now|all)$"
)
ARTICLE = re.compile(r"^(?:the|a|an|all|each|every|both|either|neither|any|no|these|those|such)\s+", re.IGNORECASE)
ONE_BY_ONE = re.compile(r"(?:each|every|no|neither|none|any|either|a)\s", re.IGNORECASE)
AFTER_DATE = re.compile(r"(?:\d{4}|\d{4}-\d{2}-\d{2})\s+(?=(?:the\s|[A-Z])[^,;:]{1,80}$)")
DEFINED = re.compile(
    r"\((?:hereinafter|hereafter|together)?,?\s{0,4}(?:referred to as|called"
    r"|collectively)?\s{0,4}(?:the\s{1,4})?[\"“']?(?:the\s{1,4})?"
    r"([A-Z][\w.&/+ -]{0,40}?)[\"”']?\)"
)
ABSTRACT = re.compile(
    r"(?:tion|tions|ance|ances|ness|ity|ities|ism|sion|sions|(?<!govern)ment|(?<!govern)ments|als|ing|ings)$"
)


@dataclass(frozen=True)
class Names:
    """Names of parties: what the user says and what the text defines.

    Attributes:
        aliases: name in small letters without its article -> the party's name.
        proper: words that the text writes with a capital inside a sentence.
    """

    aliases: Mapping[str, str] = field(default_factory=dict)
    proper: frozenset[str] = frozenset()

    def party(self, words: str) -> str:
        """The party that some words name; empty: none of the table."""
        return self.aliases.get(bare(words), "")


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody named in a sentence: where, as written, and whether only a group without roles is named."""

    start: int
    end: int
    value: str
    collective: bool
    rule: str

    @property
    def each(self) -> bool:
        """Whether a group is named one by one: what each party owes it owes alone ("each Party", "neither side")."""
        return self.collective and ONE_BY_ONE.match(self.value) is not None

    @property
    def said(self) -> str:
        """As written, but "neither side", beside a verb that is negated already, as "each side"."""
        return re.sub(r"^(?:no|neither|none)(?=\s)", "each", self.value, flags=re.IGNORECASE)


def body_role(name: str) -> str:
    """The role of a body in an agreement file, by what it is called; empty: it may be a party."""
    head = re.findall(r"[\w-]+", re.split(r"\s(?:of|for|on|in|to)\s", name.lower())[0])
    return BODIES.get(head[-1], "") if head else ""


def bare(words: str) -> str:
    """A name in small letters without its article."""
    return ARTICLE.sub("", " ".join(words.split()).lower().replace("'s", ""))


def subject_of(text: str, start: int, end: int, names: Names, rule: str) -> tuple[Actor, ...]:
    """The actors that the words before a modal verb name as its subject.

    Args:
        text: the sentence.
        start, end: the words between the beginning of the clause and the modal.
        names: known names.
        rule: by which rule the clause was found.
    """
    for begin, stop in phrases(text, start, end):
        found = actors_of(text, begin, stop, names, rule)
        if found:
            return found
        close = _at_the_end(text, begin, stop, names)
        if close is not None:
            return actors_of(text, close, stop, names, rule)
        break
    return ()


def phrases(text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    """The noun phrase that is the subject: without what opens the clause and without asides."""
    chunks, at = [], start
    for comma in re.finditer(r",\s", text[start:end]):
        chunks.append((at, start + comma.start()))
        at = start + comma.end()
    chunks.append((at, end))
    chunks = [_stripped(text, *chunk) for chunk in chunks]
    chunks = [chunk for chunk in chunks if chunk[1] > chunk[0]]
    while len(chunks) > 1 and _opens(text, chunks[0]):
        chunks.pop(0)
        while len(chunks) > 1 and re.match(r"(?:but|and|or)\s+(?:\w+)", text[chunks[0][0] : chunks[0][1]]):
            chunks.pop(0)
    while len(chunks) > 1 and _word(text, chunks[-1]) in ASIDES:
        chunks.pop()
    if not chunks:
        return
    listed = len(chunks) > 1 and re.search(r"(?:^|\s)(?:and|or)\s", text[chunks[-1][0] : chunks[-1][1]])
    yield (chunks[0][0] if listed else chunks[-1][0], chunks[-1][1])
    if not listed and len(chunks) > 1:
        yield chunks[0]


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in " \"'()[]-–—":
        start += 1
    while end > start and text[end - 1] in " \"'([,-–—":
        end -= 1
    return start, end


def _word(text: str, chunk: tuple[int, int]) -> str:
    match = re.match(r"[\w'-]+", text[chunk[0] : chunk[1]])
    return match[0].lower() if match else ""


def _opens(text: str, chunk: tuple[int, int]) -> bool:
    word = _word(text, chunk)
    if re.match(r"(?:no|not)\s+later\s", text[chunk[0] : chunk[1]], re.IGNORECASE):
        return True
    return word in OPENERS or (word.endswith("ing") and word != "king")


def actors_of(text: str, start: int, end: int, names: Names, rule: str) -> tuple[Actor, ...]:
    """The actors of a noun phrase, one or several joined by commas, and, or; empty if a part names nobody."""
    start, end = _stripped(text, start, end)
    neither = re.match(r"neither\s+(?=[^,]*\snor\s)", text[start:end], re.IGNORECASE)
    start += neither.end() if neither is not None else 0
    phrase = text[start:end]
    late = ADVERBS.search(phrase)
    if late is not None and bare(phrase) not in COLLECTIVE:
        end = start + late.start()
        phrase = text[start:end]
    if not phrase or len(phrase) > 400:
        return ()
    whole = _actor(text, start, end, names, rule)
    parts = _split(phrase)
    if len(parts) == 1:
        return (whole,) if whole is not None else ()
    found = [_actor(text, start + a, start + b, names, rule) for a, b in parts]
    if all(part is not None for part in found):
        return tuple(part for part in found if part is not None)
    return (whole,) if whole is not None else ()


def _split(phrase: str) -> list[tuple[int, int]]:
    """Where the members of a list stand, names that hold an "and" in one piece."""
    guarded = phrase
    for name in JOINED:
        guarded = guarded.replace(name, name.replace(" ", "_"))
    parts, at = [], 0
    for match in re.finditer(r",\s+(?:and\s+|or\s+|as well as\s+)?|\s+(?:and|or|nor|as well as)\s+", guarded):
        parts.append((at, match.start()))
        at = match.end()
    parts.append((at, len(phrase)))
    return parts


def _actor(text: str, start: int, end: int, names: Names, rule: str) -> Actor | None:
    start, end = _stripped(text, start, end)
    words = text[start:end]
    cut = PREPOSITIONS.search(words)
    if cut is not None:
        end = _stripped(text, start, start + cut.start())[1]
        words = text[start:end]
    if not words or len(words) > 160 or _opens(text, (start, end)):
        return None
    low = " ".join(words.lower().split())
    collective = low in COLLECTIVE or bare(words) in ("parties", "sides", "states parties", "contracting parties")
    if collective or names.party(words) or _is_somebody(words, names):
        return Actor(start, end, " ".join(words.split()), collective, rule)
    return None


def _is_somebody(words: str, names: Names) -> bool:
    """Whether a noun phrase seems to name a person, a state or a body."""
    core = ARTICLE.sub("", words)
    of = re.search(r"\sof\s", core)
    first = core[: of.start()] if of is not None else core
    tokens = re.findall(r"[\w.+/'-]+", first)
    if not tokens or len(tokens) > 9 or "'s" in first:
        return bool(tokens) and "'s" in first and tokens[-1].lower() in ACTORS
    head = tokens[-1].rstrip(".") if tokens[-1].lower().rstrip(".") not in ("u.s", "u.n", "u.k") else tokens[-1]
    if not head:
        return False
    low = head.lower()
    if low in THINGS or (ABSTRACT.search(low) and low not in ACTORS):
        return False
    if low in ACTORS or head in COUNTRIES or re.fullmatch(r"(?:[A-Z]\.){2,4}|[A-Z][A-Z0-9/+-]{1,9}", tokens[-1]):
        return True
    if not head[0].isupper():
        return False
    return low in names.proper or len(tokens) > 1 or words != core


def _at_the_end(text: str, start: int, end: int, names: Names) -> int | None:
    """Where a name starts that ends the words before a modal ("Upon signing the Parties shall")."""
    words = text[start:end]
    if not _opens(text, (start, end)):
        return None
    dated = AFTER_DATE.search(words)
    if dated is not None:
        return start + dated.end()
    match = re.search(
        r"(?:\b(?:the|each|both|all|either)\s+(?:[\w-]+\s+)?(?:[Pp]art(?:y|ies)|sides?)|\b(?:you|they|we))$", words
    )
    if match is not None:
        return start + match.start()
    for alias in sorted(names.aliases, key=len, reverse=True):
        if words.lower().endswith(alias):
            return end - len(alias)
    return None


def proper_words(text: str) -> frozenset[str]:
    """Words that a text writes with a capital where no sentence starts, in small letters."""
    return frozenset(m.lower() for m in re.findall(r"(?<=[a-z,] )[A-Z][\w-]{2,30}", text))


def defined_names(text: str) -> tuple[tuple[int, int, str], ...]:
    """Short names that the text itself defines in brackets: where, and the name."""
    return tuple((m.start(1), m.end(1), m[1]) for m in DEFINED.finditer(text))
