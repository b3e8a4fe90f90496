"""The names used in a text: what stands for each thing of the agreement, and how it is found again in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from detente.agreement.text.quoting import hidden, quoted
from detente.agreement.text.template import Words, rules
from detente.base.wording import listed, words

OPEN, CLOSE = "\ue000", "\ue001"  # around the token of a name; neither can stand in a text
KINDS = {
    "agreement": "W", "party": "A", "body": "A", "option": "O", "option of the case": "O", "quantity": "Q",
    "event": "E", "group": "G", "commitment": "C", "power": "P", "amendment": "M",
}  # fmt: skip
NUMBERED = {"commitment": "Article", "power": "Power", "amendment": "Amendment"}
ARTICLE = re.compile(r"(?:Article|Power|Amendment) ([1-9][0-9]{0,5})(?![0-9])")
THIS = "This agreement"
ARTICLES = re.compile(r"Articles [1-9][0-9]{0,5}(?:, [1-9][0-9]{0,5})* and [1-9][0-9]{0,5}(?![0-9])")
LONGEST = 160
WITH_THE = re.compile(
    r"[A-Z]{2,}\b(?!-)|(?:United|Republic|Kingdom|European|Union|State|Federal|International|Six|Four)\b"
)
STEP = re.compile(r"“(?:[^“”\\]|\\.)*”|‘(?:[^‘’\\]|\\.)*’|[^\W_]+|\S")


@dataclass(frozen=True, slots=True)
class Named:
    """A thing with a name.

    Attributes:
        kind: one of KINDS.
        id: its short name in the file.
        written: its name in the file, or None.
        label: what stands for it in sentences.
    """

    kind: str
    id: str
    written: str | None
    label: str


@cache
def vocabulary() -> frozenset[str]:
    """All words of the sentences, so that no name is taken for one."""
    texts = [
        p.text for alternatives in rules().values() for a in alternatives for p in a.pieces if isinstance(p, Words)
    ]
    return (
        frozenset(re.findall(r"[^\W_]+", " ".join(texts)))
        | set(NUMBERED.values())
        | {"Articles", "Agreement", "The", "the", "A", "and", "or"}
    )


def clean(text: str) -> str:
    """A name on one line, without signs that cannot be seen or that mark quotes."""
    flat = "".join(" " if c.isspace() else "" if hidden(c) else {"“": '"', "”": '"'}.get(c, c) for c in text)
    return " ".join(flat.split())[:LONGEST].strip()


def plain_name(written: str | None, name: str) -> str:
    """What a thing is called: its own name on one line, or its id in words; with a capital."""
    text = clean(written or "") or words(name)
    return text[0].upper() + text[1:]


def labelled(things: Iterable[tuple[str, str, str | None]]) -> list[Named]:
    """A label for each thing, no two alike, none to be taken for another or for words.

    Args:
        things: kind, id, and name as written; commitments, powers and amendments are numbered.
    """
    given, counts, taken = list(things), dict.fromkeys(NUMBERED, 0), set[str]()
    raw: list[str] = []
    for kind, name, written in given:
        if kind in NUMBERED:
            counts[kind] += 1
            raw.append(f"{NUMBERED[kind]} {counts[kind]} ({plain_name(written, name)})")
            continue
        if kind == "agreement":
            raw.append(THIS)
            continue
        label, n = plain_name(written, name), 1
        base = label
        while label.casefold() in taken:
            n += 1
            label = f"{base} ({n})"
        taken.add(label.casefold())
        raw.append(label)
    ambiguous = _ambiguous(
        {label for label, (kind, _, _) in zip(raw, given, strict=True) if kind not in (*NUMBERED, "agreement")}
    )
    return [
        Named(
            kind,
            name,
            written,
            quoted(label, "‘’") if kind == "event" or (label in ambiguous and kind != "agreement") else label,
        )
        for label, (kind, name, written) in zip(raw, given, strict=True)
    ]


def _ambiguous(labels: set[str]) -> set[str]:
    """Those that need quotes: they start with a word of the sentences, or go on after another name with one."""
    found: set[str] = set()
    known = vocabulary()
    for label in labels:
        first = re.match(r"[^\W_]+", label)
        if first is None or first[0] in known or not label[0].isalpha():
            found.add(label)
            continue
        for at in range(1, len(label)):
            rest = label[at:]
            if label[:at] in labels and rest[0] in " ,.:;)]":
                after = re.match(r" ([^\W\d_]+)", rest)
                if after is None or after[1] in known:
                    found.add(label)
                    break
    return found


def the(label: str) -> str:
    """A label with its article, where English wants one."""
    wants = WITH_THE.match(label) and not label.isdecimal()
    return f"the {label}" if wants else label


class Lexicon:
    """Finds names in sentences.

    Args:
        named: what the sentences can name.
    """

    def __init__(self, named: Iterable[Named]) -> None:
        self.named = list(named)
        self.numbered: dict[str, tuple[int, str]] = {}
        self.exact: dict[str, int] = {}
        self.lengths: dict[str, list[int]] = {}
        for n, thing in enumerate(self.named):
            if thing.kind in NUMBERED:
                head, _, title = thing.label.partition(" (")
                self.numbered[head] = (n, "(" + title)
                continue
            if thing.kind == "agreement":
                continue
            self.exact[thing.label] = n
            if not thing.label.startswith("‘"):
                first = STEP.match(thing.label)
                self.lengths.setdefault(first[0] if first else "", []).append(len(thing.label))
        for lengths in self.lengths.values():
            lengths[:] = sorted(set(lengths), reverse=True)

    def token(self, n: int) -> str:
        """What stands for a name in a sentence that is to be parsed."""
        return f"{OPEN}{KINDS[self.named[n].kind]}{n}{CLOSE}"

    def marked(self, text: str) -> tuple[str, list[tuple[int, int]]]:
        """A sentence with tokens in the place of names.

        Returns:
            The sentence, and pairs of places in it and in the text that belong together.
        """
        out: list[str] = []
        places = [(0, 0)]
        size = done = 0
        for start, end, several in self._found(text):
            token = listed([self.token(n) for n in several])
            out += [text[done:start], token]
            size += start - done + len(token)
            done = end
            places.append((size, end))
        out.append(text[done:])
        return "".join(out), places

    def _found(self, text: str) -> Iterator[tuple[int, int, list[int]]]:
        at = 0
        article = -1
        while match := STEP.search(text, at):
            at = match.end()
            word, start = match[0], match.start()
            if word in ("the", "The"):
                article = start
                continue
            if word == "Articles" and (many := ARTICLES.match(text, start)):
                heads = [f"Article {number}" for number in re.findall(r"[0-9]+", many[0])]
                if all(head in self.numbered for head in heads):
                    yield start, many.end(), [self.numbered[head][0] for head in heads]
                    at, article = many.end(), -1
                    continue
            end, n = self._at(text, start, word)
            if n >= 0:
                begin = article if article >= 0 and text[article + 3 : start] == " " else start
                yield begin, end, [n]
                at = end
            article = -1

    def _at(self, text: str, start: int, word: str) -> tuple[int, int]:
        """Where the name ends that starts here, and which it is; -1: none."""
        if word[0] == "‘":
            return start + len(word), self.exact.get(word, -1)
        if word in NUMBERED.values() and (match := ARTICLE.match(text, start)) and match[0] in self.numbered:
            n, title = self.numbered[match[0]]
            named = text.startswith(" " + title, match.end())
            return match.end() + (1 + len(title) if named else 0), n
        for length in self.lengths.get(word, ()):
            end = start + length
            if (n := self.exact.get(text[start:end], -1)) >= 0 and not (
                text[end - 1].isalnum() and end < len(text) and text[end].isalnum()
            ):
                return end, n
        return start, -1
