"""Cross-checks of a case: collects problems and warnings with their paths; blocks bring the rules."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from detente.base.errors import COLLECTED, did_you_mean, one_of, shown
from detente.case.conditions import ConditionError, Node, StateName, children, parse_condition
from detente.case.fields import Amount, Clause, ConditionalAmount, Evidence
from detente.case.meaning import Meaning, Vocabulary, faults, meaning

if TYPE_CHECKING:
    from detente.case.file import CaseFile

Path = tuple[str | int, ...]
Raw = tuple[Path, int, str, str, str, bool]


class Enough(Exception):  # noqa: N818 - a signal, not an error
    """So many problems have been found that the rest is not looked at."""


class Findings:
    """What the cross-checks of one file of any kind find.

    Args:
        sources: the sources that it names.
        cuts: paths of parts that were taken out because they are faulty; nothing is said of what depends on them.
    """

    def __init__(self, sources: Mapping[str, str], cuts: frozenset[Path] = frozenset()) -> None:
        self.sources = sources
        self.cuts = cuts
        self.stems = frozenset(c[:n] for c in cuts for n in range(len(c) + 1))
        self.problems: list[Raw] = []
        self.warnings: list[Raw] = []

    def cut(self, *path: str | int) -> bool:
        """Whether a part on this path, above or below it, was taken out as faulty."""
        return path in self.stems or below(path, self.cuts)

    def error(self, path: Path, found: str, expected: str, fix: str = "", at: int = 0, *, key: bool = False) -> None:
        """Record a problem; ``at`` is an offset into the text written there, or into the key that leads there."""
        self.problems.append((path, at, found, expected, fix, key))
        if len(self.problems) >= COLLECTED:
            raise Enough

    def warn(self, path: Path, found: str, expected: str, fix: str = "") -> None:
        """Record a warning."""
        self.warnings.append((path, 0, found, expected, fix, False))

    def source(self, path: Path, source: str | None) -> None:
        """A one-word source is one of ``sources``; longer texts stand for themselves."""
        if source is None or " " in source or source in self.sources or self.cut("sources", source):
            return
        known = list(self.sources)
        expected = f"{one_of(known)}, or a text" if known else "an entry of sources, or a text"
        self.error(path, f"the unknown source {shown(source)}", expected, did_you_mean(source, known))


class Checker(Findings):
    """Context of the cross-checks of one case.

    Args:
        file: the case, possibly without the parts that failed before.
        cuts: paths of parts that were taken out because they are faulty; nothing is said of what depends on them.
    """

    def __init__(self, file: CaseFile, cuts: frozenset[Path] = frozenset()) -> None:
        super().__init__(file.sources, cuts)
        self.file = file
        lost = {str(c[1]) for c in cuts if len(c) > 1 and c[0] == "options"}
        self.broken_options = frozenset(lost | ({"*"} if ("options",) in cuts else set()))
        self.names = Vocabulary({o: v.levels for o, v in file.options.items() if o not in lost}, self.broken_options)

    def party(self, path: Path, party: str) -> None:
        """The party exists."""
        if party not in self.file.parties and not self.cut("parties", party):
            known = list(self.file.parties)
            fix = self.written(party) or did_you_mean(party, known)
            self.error(path, f"the unknown party {shown(party)}", one_of(known), fix, key=path[-1] == party)

    def written(self, word: str) -> str:
        """How a party is written that a word calls by its name; empty where it is no party's name."""
        called = (p for p, w in self.file.parties.items() if w.name and w.name.casefold() == word.casefold())
        found = next(called, None)
        return "" if found is None else f"{self.file.parties[found].name} is written {found}."

    def view(self, path: Path, view: str) -> None:
        """The view exists."""
        if view not in self.file.views and not self.cut("views", view):
            known = list(self.file.views)
            expected = one_of(known) if known else "a view of this case; it has none"
            self.error(path, f"the unknown view {shown(view)}", expected, did_you_mean(view, known))

    def option(self, path: Path, option: str) -> bool:
        """The option exists."""
        if option in self.names.levels or self._lost(option):
            return True
        known = list(self.names.levels)
        fix = did_you_mean(option, known)
        self.error(path, f"the unknown option {shown(option)}", one_of(known), fix, key=path[-1] == option)
        return False

    def level(self, path: Path, option: str, level: str) -> bool:
        """The level exists; nothing is said where the option does not."""
        known = self.names.levels.get(option)
        if known is None or level in known or (level.isdigit() and len(level) < 4 and int(level) < len(known)):
            return True
        fix = did_you_mean(level, known)
        self.error(path, f"the unknown level {shown(level)} of {option}", one_of(known), fix, key=path[-1] == level)
        return False

    def levels(self, path: Path, written: dict[str, str]) -> bool:
        """Every option and level of a partial state exists; True if something does not."""
        known = [
            self.option((*path, o), o) and self.level((*path, o), o, v) for o, v in written.items()
        ]  # fmt: skip
        return not all(known)

    def full_state(self, written: dict[str, str]) -> list[int]:
        """Level numbers of a partial state, unnamed options at their first level."""
        return [
            int(v) if (v := written.get(o, "0")).isdigit() else list(levels).index(v)
            for o, levels in self.names.levels.items()
        ]

    def amount(self, path: Path, written: Amount | None) -> None:
        """A name used as a number is one of ``numbers``; its evidence names a source that exists."""
        if written is None:
            return
        self.evidence(path, written.evidence)
        quantity = written.quantity
        if (
            quantity.kind == "shared"
            and quantity.name not in self.file.numbers
            and not self.cut("numbers", quantity.name)
        ):
            known = list(self.file.numbers)
            expected = f"a number, or {one_of(known)}" if known else "a number"
            self.error(path, f"the unknown number {shown(quantity.name)}", expected, did_you_mean(quantity.name, known))

    def conditional(self, path: Path, written: ConditionalAmount) -> None:
        """Names used as numbers and options in conditions exist, the default's and every case's."""
        if not written.when:
            self.amount(path, written.default)
            return
        self.amount((*path, "default"), written.default)
        for condition, number in written.when:
            self.condition_key((*path, "when", condition.text), condition.text)
            self.amount((*path, "when", condition.text), number)

    def mean(self, written: Amount) -> Fraction:
        """Point value of a number."""
        shared = {n: a.quantity for n, a in self.file.numbers.items()}
        return written.quantity.resolve(shared).mean(written.domain)

    def evidence(self, path: Path, written: Evidence | None) -> None:
        """The source named is one of ``sources``."""
        if written is not None:
            self.source((*path, "source"), written.source)

    def condition(self, path: Path, written: Clause, *, states: bool = False) -> None:
        """Every option and level that a condition names exists."""
        self.evidence(path, written.evidence)
        where = (*path, "value") if written.evidence else path
        self._faults(where, written.node)
        if states or not isinstance(written.node, StateName):
            return
        self.error(where, f"the state {shown(written.text)}", "a condition")

    def condition_key(self, path: Path, key: str) -> None:
        """A key that is a condition can be read and names options and levels that exist."""
        try:
            node = parse_condition(key)
        except ConditionError as error:
            self.error(path, error.found, error.expected, error.fix, error.at, key=True)
            return
        self._faults(path, node, key=True)

    def parsed(self, key: str) -> Node | None:
        """A key parsed as a condition, or None where it cannot be."""
        try:
            return parse_condition(key)
        except ConditionError:
            return None

    def sense(self, written: Clause) -> Meaning | None:
        """Meaning of a faultless condition without state names, else None."""
        if "*" in self.broken_options or any(True for _ in faults(written.node, self.names)):
            return None
        if _mentions(written.node, self.broken_options):
            return None
        try:
            return meaning(written.node, self.names)
        except ConditionError:
            return None

    def _faults(self, path: Path, node: Node, *, key: bool = False) -> None:
        if "*" in self.broken_options:
            return
        for fault in faults(node, self.names):
            self.error(path, fault.found, fault.expected, fault.fix, fault.at, key=key)

    def _lost(self, option: str) -> bool:
        return option in self.broken_options or "*" in self.broken_options


def below(path: Path, cuts: Container[Path]) -> bool:
    """Whether a part that was taken out stands on a path."""
    return any(path[:n] in cuts for n in range(len(path) + 1))


def _mentions(node: Node, options: Sequence[str] | frozenset[str]) -> bool:
    if getattr(node, "option", None) in options:
        return True
    return any(_mentions(part, options) for part in children(node))
