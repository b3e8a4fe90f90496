"""The ``.gmcr`` save format of GMCR+ (a JSON object): its fields, checked, with every problem at its place.

Read for interoperability from what such files contain; ``gmcr_case`` makes a case of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from detente.base.errors import COLLECTED, CaseError, Problem, did_you_mean, shown
from detente.case.fields import LONGEST_TEXT
from detente.case.reading import MOST_ENTRIES
from detente.formats.json_tree import integer, kind, read_json, string

Condition = tuple[tuple[int, bool], ...]
Statement = tuple[Condition, ...]
Groups = tuple[tuple[int, ...], ...]
DIRECTIONS = {"both": "both", "fwd": "up", "back": "down"}
MANUAL = ("useManualPreferenceRanking", "useManualPreferenceVectors")
RANKING = ("preferenceRanking", "preferenceVector")
FILE_KEYS = (
    "options", "decisionMakers", "infeasibles", *MANUAL, "coalitions", "coalitionsFull", "program", "version",
)  # fmt: skip
MAKER_KEYS = ("name", "options", "preferences", *RANKING, "payoffs", "misperceptions")
MOST_CONDITIONS = 10_000


@dataclass(frozen=True, slots=True)
class GmcrOption:
    """An option: its name and ``both``, ``up`` (only from no to yes) or ``down``."""

    name: str
    moves: str
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Maker:
    """A decision maker.

    Attributes:
        name: as written.
        options: numbers of its options, as written.
        statements: most important first; each a list of conditions of which one must hold.
        ranking: state numbers (from 1), best first, tied ones together; None where none is written.
        hidden: conditions on the states it does not see.
        at: its place in the file.
        ranking_at: place of the ranking.
    """

    name: str
    options: tuple[int, ...]
    statements: tuple[Statement, ...]
    ranking: Groups | None
    hidden: tuple[Statement, ...]
    at: tuple[int, int]
    ranking_at: tuple[int, int]


@dataclass(frozen=True)
class GmcrFile:
    """A whole file.

    Attributes:
        options, makers: in file order.
        infeasibles: what removes states; each a list of conditions of which one must hold.
        manual: whether the rankings count and not the statements; None where the file does not say.
        coalitions: groups of decision makers, or None.
        remarks: what is odd in the file, or not understood.
    """

    options: tuple[GmcrOption, ...]
    makers: tuple[Maker, ...]
    infeasibles: tuple[Statement, ...]
    manual: bool | None
    coalitions: Groups | None
    remarks: tuple[Problem, ...]


def read_gmcr(data: bytes | str, file: str | None) -> GmcrFile:
    """Read a ``.gmcr`` file.

    Raises:
        CaseError: every problem found, with its line and column.
    """
    tree = read_json(data, file)
    reader = _Reader(file)
    try:
        found = reader.file_of(tree)
    except _Enough:
        found = None
    if reader.problems or found is None:
        raise CaseError(reader.problems)
    return found


class _Enough(Exception):  # noqa: N818 - a signal, not an error
    """So many problems that the rest is not looked at."""


@dataclass
class _Reader:
    """Takes the tree apart, collecting problems."""

    file: str | None
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)
    options: int = 0

    def file_of(self, tree: Any) -> GmcrFile | None:
        """The whole file."""
        if not isinstance(tree, dict):
            self.wrong(tree, kind(tree), "an object with options and decisionMakers")
            return None
        for key in ("options", "decisionMakers"):
            if key not in tree:
                near = did_you_mean(key, list(tree))
                self.wrong(tree, f"no {key}", "options and decisionMakers", near)
        self.unknown(tree, FILE_KEYS)
        options = tuple(self.option(n) for n in self.items(tree, "options", MOST_ENTRIES["options"]))
        self.options = len(options)
        makers = tuple(self.maker(n) for n in self.items(tree, "decisionMakers", MOST_ENTRIES["parties"]))
        for key, items in (("options", options), ("decisionMakers", makers)):
            if key in tree and not items and not self.problems:
                self.wrong(tree[key], f"no entry in {key}", "at least one")
        infeasibles = self.statements(tree, "infeasibles")
        for node in tree.get("infeasibles") or () if infeasibles else ():
            if isinstance(node, dict):
                fix = "It is written as one condition per member, which means the same."
                self.remark(node, "a compound of conditions in infeasibles", "plain conditions", fix)
        manual, coalitions = self.manual(tree), self.coalitions(tree, len(makers))
        return GmcrFile(options, makers, infeasibles, manual, coalitions, tuple(self.remarks))

    def option(self, node: Any) -> GmcrOption:
        """One option."""
        written = self.object(node, "an option: an object with name and permittedDirection")
        name = self.name(written, node)
        at = getattr(node, "at", (1, 1))
        moves = written.get("permittedDirection")
        if moves not in DIRECTIONS or string(moves) is None:
            found = "no permittedDirection" if "permittedDirection" not in written else kind(moves)
            fix = did_you_mean(moves, list(DIRECTIONS)) if isinstance(moves, str) else ""
            if written:
                self.wrong(moves if moves is not None else node, found, '"both", "fwd" or "back"', fix)
            return GmcrOption(name, "both", at)
        return GmcrOption(name, DIRECTIONS[moves], at)

    def maker(self, node: Any) -> Maker:
        """One decision maker."""
        written = self.object(node, "a decision maker: an object with name and options")
        self.unknown(written, MAKER_KEYS)
        if written and "options" not in written:
            self.wrong(node, "no options", "the numbers of its options, counted from 0")
        options = tuple(
            n for item in self.items(written, "options") if (n := self.index(item, self.options, "option")) is not None
        )
        key = next((k for k in RANKING if k in written), RANKING[0])
        return Maker(
            self.name(written, node), options, self.statements(written, "preferences"),
            self.ranking(written, key) if written.get(key) is not None else None,
            self.statements(written, "misperceptions"), getattr(node, "at", (1, 1)),
            getattr(written.get(key), "at", getattr(node, "at", (1, 1))),
        )  # fmt: skip

    def ranking(self, written: dict[str, Any], key: str) -> Groups:
        """State numbers, best first."""
        expected = "a state number, or a list of tied ones"
        out: list[tuple[int, ...]] = []
        for item in self.items(written, key):
            tied = item if isinstance(item, list) else [item]
            numbers = [integer(n) for n in tied]
            for node, number in zip(tied, numbers, strict=True):
                if number is None:
                    self.wrong(node if node is not None else item, kind(node), expected)
            if not tied:
                self.wrong(item, "an empty list", expected)
            out.append(tuple(n for n in numbers if n is not None))
        return tuple(out)

    def statements(self, written: dict[str, Any], key: str) -> tuple[Statement, ...]:
        """Conditions, or compounds of conditions."""
        return tuple(self.statement(n) for n in self.items(written, key, MOST_CONDITIONS))

    def statement(self, node: Any) -> Statement:
        """A condition, or an object whose members are conditions of which one must hold."""
        if isinstance(node, dict):
            if "members" not in node:
                self.wrong(node, "an object without members", "members: a list of conditions")
            members = tuple(self.condition(n) for n in self.items(node, "members", MOST_CONDITIONS))
            if "members" in node and isinstance(node["members"], list) and not members:
                self.wrong(node["members"], "no member", "at least one condition")
            return members
        return (self.condition(node),)

    def condition(self, node: Any) -> Condition:
        """A list of pairs of an option number and Y or N."""
        if not isinstance(node, list):
            self.wrong(node, kind(node), 'a condition: a list such as [[0, "Y"], [2, "N"]]')
            return ()
        taken: dict[tuple[int, bool], None] = {}
        for pair in node:
            if not isinstance(pair, list) or len(pair) != 2:
                self.wrong(pair if pair is not None else node, kind(pair), 'a pair such as [0, "Y"]')
                continue
            number = self.index(pair[0] if pair[0] is not None else pair, self.options, "option")
            if string(pair[1]) is None or pair[1] not in ("Y", "N"):
                self.wrong(pair[1] if pair[1] is not None else pair, kind(pair[1]), '"Y" or "N"')
            elif number is not None:
                taken[number, pair[1] == "Y"] = None
        return tuple(taken)

    def manual(self, tree: dict[str, Any]) -> bool | None:
        """Whether the rankings count."""
        key = next((k for k in MANUAL if k in tree), None)
        if key is None:
            return None
        if tree[key] not in ("true", "false") or string(tree[key]) is not None:
            self.wrong(tree[key] if tree[key] is not None else tree, f"{key}: {kind(tree[key])}", "true or false")
            return None
        return bool(tree[key] == "true")

    def coalitions(self, tree: dict[str, Any], makers: int) -> Groups | None:
        """Groups of decision makers."""
        if tree.get("coalitions") is None:
            return None
        groups = []
        for item in self.items(tree, "coalitions"):
            members = item if isinstance(item, list) else [item]
            numbers = [self.index(n if n is not None else item, makers, "decision maker") for n in members]
            groups.append(tuple(n for n in numbers if n is not None))
        everyone = sorted(n for g in groups for n in g)
        if everyone != list(range(makers)):
            found = "coalitions in which not every decision maker is named once"
            self.remark(tree["coalitions"], found, "each decision maker in one coalition")
            return None
        return tuple(groups)

    # --- small parts -------------------------------------------------------------------------------------------------

    def items(self, written: dict[str, Any], key: str, most: int | None = None) -> Iterator[Any]:
        """The entries of a list; nothing where it is missing or null."""
        node = written.get(key)
        if node is None:
            return
        if not isinstance(node, list):
            self.wrong(node, f"{key}: {kind(node)}", "a list")
            return
        if most is not None and len(node) > most:
            self.wrong(node, f"{len(node):,} entries in {key}", f"at most {most:,}")
            return
        for item in node:
            if item is None:
                self.wrong(node, f"null in {key}", "a value")
            else:
                yield item

    def object(self, node: Any, expected: str) -> dict[str, Any]:
        """A written object; an empty one where something else is written."""
        if isinstance(node, dict):
            return node
        self.wrong(node, kind(node), expected)
        return {}

    def name(self, written: dict[str, Any], node: Any) -> str:
        """A written name."""
        text = string(written.get("name"))
        if text is None:
            if written:
                found = "no name" if "name" not in written else f"the name {kind(written['name'])}"
                self.wrong(written.get("name") or node, found, "a name in double quotes")
            return ""
        if len(text) > LONGEST_TEXT:
            self.wrong(text, f"a name of {len(text):,} characters", f"at most {LONGEST_TEXT:,}")
        return str(text)

    def index(self, node: Any, count: int, what: str) -> int | None:
        """A number that counts something from 0."""
        number = integer(node)
        if number is not None and 0 <= number < count:
            return number
        expected = f"the number of a {what}, from 0 to {count - 1}" if count else f"the number of a {what}"
        self.wrong(node, kind(node), expected.replace("a option", "an option"))
        return None

    def unknown(self, written: dict[str, Any], known: tuple[str, ...]) -> None:
        """Remark on keys that are not understood."""
        for key in written:
            if key not in known and len(self.remarks) < COLLECTED:
                at = written.written_key(key) if hasattr(written, "written_key") else key
                self.remark(at, f"the key {shown(key)}", "a key that is understood", "It is left out.")

    def wrong(self, node: Any, found: str, expected: str, fix: str = "") -> None:
        """Record a problem at a written thing."""
        line, column = getattr(node, "at", (1, 1))
        self.problems.append(Problem(found, expected, fix, "", self.file, line, column))
        if len(self.problems) >= COLLECTED:
            raise _Enough

    def remark(self, node: Any, found: str, expected: str, fix: str = "") -> None:
        """Record a remark at a written thing."""
        line, column = getattr(node, "at", (1, 1))
        self.remarks.append(Problem(found, expected, fix, "", self.file, line, column))
