"""An order of steps that somebody wrote down: read with its places, checked against a case, put on a lattice.

Whether the parties can pause where the steps lead, and may move as they do, is for ``rules`` to say.

The file is a list of steps, or a mapping with ``steps`` (what ``plan --json`` prints will do). A step is a mapping with
``moves``, a list of ``{party, option, to}``; ``from`` is checked where it is written, ``party`` may be left out.
``due`` is the period by which the text wants the step done; ``escrow: true``: a third party makes it all or nothing;
``side``: what each party is paid per period before the step (negative: what it pays).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Any

from detente.base.errors import COLLECTED, CaseError, UsageError, did_you_mean, one_of, shown
from detente.case.checker import Path, Raw
from detente.case.model import Case
from detente.case.reading import placed
from detente.case.yaml_tree import kind_of, read_tree
from detente.catalog import PLAN_SUFFIX, plan_names, plan_text
from detente.plan.problem import Cell, Lattice, Step

DIGITS = 5  # of a period
SAME = 1e-6  # of the largest payment: what is paid and received differ by no more, after printing
MOST_STEPS = 1000
TOP = ("detente", "case", "title", "source", "note", "steps")
STEP = ("moves", "escrow", "side", "due", "note")
TOLD = ("n", "period", "periods", "date", "margins", "shares", "weakest")  # by answers, and passed over
MOVE = ("party", "option", "from", "to")


@dataclass(frozen=True, slots=True)
class WrittenMove:
    """One option brought to a level.

    Attributes:
        party: who owns it.
        option: its id.
        before, after: level numbers.
    """

    party: str
    option: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class WrittenStep:
    """A step as written.

    Attributes:
        moves: in the order written; several parties may be among the movers.
        escrow: whether a third party is to make it all or nothing.
        due: whole periods from today by which it is to be done; None where the text gives no date.
        note: what the text says of it.
        side: payment to each party per period at the pause before it, in money; what is paid is negative.
    """

    moves: tuple[WrittenMove, ...]
    escrow: bool
    due: int | None
    note: str
    side: Mapping[str, float] = field(default_factory=dict)

    @property
    def movers(self) -> tuple[str, ...]:
        """The parties that move, in the order written."""
        return tuple(dict.fromkeys(m.party for m in self.moves))


@dataclass(frozen=True)
class WrittenPlan:
    """An order of steps as written.

    Attributes:
        title, source: what the file says of itself.
        steps: in order.
        start, end: level numbers of the status quo and of the last state, one per option of the case.
    """

    title: str
    source: str
    steps: tuple[WrittenStep, ...]
    start: tuple[int, ...]
    end: tuple[int, ...]

    def target(self, case: Case) -> dict[str, str]:
        """The last state as ``plan.target`` is written: the level name of every option."""
        rows = zip(case.file.options.items(), self.end, strict=True)
        return {option: written.levels[level] for (option, written), level in rows}

    def cells(self, lattice: Lattice) -> tuple[Cell, ...]:
        """The pauses on a lattice, the status quo first.

        Args:
            lattice: its target is the plan's last state.

        Raises:
            UsageError: it leads elsewhere.
        """
        if lattice.state(lattice.target) != self.end or lattice.start != self.start:
            raise UsageError("a plan that ends elsewhere than the target", "the target of the plan's last step")
        axes = {option: n for n, option in enumerate(lattice.options)}
        now = list(lattice.origin)
        found = [lattice.origin]
        for step in self.steps:
            for move in step.moves:
                axis = axes[move.option]
                now[axis] = lattice.levels[axis].index(move.after)
            found.append(tuple(now))
        return tuple(found)

    def late(self, steps: tuple[Step, ...]) -> list[tuple[int, int, int]]:
        """(number of the step, period it is due, period reached) of the steps that are done later than written."""
        found, now = [], 0
        for number, (written, step) in enumerate(zip(self.steps, steps, strict=True), 1):
            now += step.periods
            if written.due is not None and now > written.due:
                found.append((number, written.due, now))
        return found


def written_source(name: str | FilePath) -> tuple[bytes, str]:
    """Bytes of a written order and the name to show for it; a path wins over a name of the catalog.

    Raises:
        UsageError: there is neither.
    """
    text = str(name)
    try:
        path = FilePath(text)
        if path.is_file():
            return path.read_bytes(), text
        folder = path.is_dir()
    except (OSError, ValueError) as error:
        raise UsageError(f"the plan {shown(text)}", "a file that can be read", str(error).split("] ")[-1]) from None
    if folder:
        raise UsageError(f"the folder {shown(text)}", "a file with steps", "Name the file in it.")
    known = plan_names()
    short = text.removesuffix(PLAN_SUFFIX)
    if short in known:
        return plan_text(short).encode(), f"{short}{PLAN_SUFFIX}"
    fix = did_you_mean(short, known) or f"The catalog has {', '.join(known)}."
    raise UsageError(f"no file or catalog plan {shown(text)}", "a file with steps, or a catalog name", fix)


def read_written(data: bytes | str, case: Case, start: Sequence[int], file: str | None = None) -> WrittenPlan:
    """Read an order of steps and check it against a case.

    Args:
        data: YAML or JSON.
        case: whose parties, options and levels it names.
        start: level numbers of the status quo, one per option.
        file: name for messages.

    Raises:
        CaseError: every problem found, with its place.
    """
    tree = read_tree(data, file)
    reader = _Reader(case, list(start))
    try:
        steps = reader.read(tree)
    except _Enough:
        steps = ()
    if reader.problems:
        problems = [placed(p, tree, file) for p in reader.problems]
        raise CaseError([replace(p, line=1, column=1) if p.line is None else p for p in problems])
    head = tree if isinstance(tree, dict) else {}
    return WrittenPlan(_text(head.get("title")), _text(head.get("source")), steps, tuple(start), tuple(reader.levels))


def _text(value: object) -> str:
    return str(value) if isinstance(value, str) else ""


def _unknown(kind: str, written: object) -> str:
    return f"the unknown {kind} {shown(written)}" if isinstance(written, str) else f"{kind_of(written)} for the {kind}"


def _finite(written: object) -> float | None:
    """A number as written, or None."""
    try:
        number = float(str(written)) if isinstance(written, str | int | float) else math.inf
    except ValueError:
        return None
    return number if math.isfinite(number) else None


class _Enough(Exception):  # noqa: N818 - a signal, not an error
    """So many problems have been found that the rest is not looked at."""


class _Reader:
    """Walks a tree with the levels that the steps have reached."""

    def __init__(self, case: Case, levels: list[int]) -> None:
        self.case, self.levels, self.problems = case, levels, list[Raw]()
        self.ways: dict[int, int] = {}  # number of an option -> up (1) or down (-1), once it has moved

    def refuse(self, path: Path, found: str, expected: str, fix: str = "", *, key: bool = False) -> None:
        self.problems.append((path, 0, found, expected, fix, key))
        if len(self.problems) >= COLLECTED:
            raise _Enough

    def read(self, tree: Any) -> tuple[WrittenStep, ...]:
        """The steps of a file."""
        path: Path = ()
        if isinstance(tree, dict):
            if "verb" not in tree:  # an answer printed as JSON has further keys
                self.keys((), tree, TOP)
                version = tree.get("detente")
                if version is not None and str(version) != "1":
                    self.refuse(
                        ("detente",), f"the format {shown(str(version))}", "1", "Write detente: 1, or leave it out."
                    )
            elif tree["verb"] != "plan":
                self.refuse(("verb",), f"an answer of {shown(tree['verb'])}", "an answer of 'plan'")
            elif str(tree.get("contract", 1)) != "1":
                self.refuse(("contract",), f"the contract {shown(str(tree['contract']))}", "1")
            named = tree.get("case")
            if named is not None and named != self.case.name:
                self.refuse(("case",), f"steps for the case {shown(named)}", f"steps for {shown(self.case.name)}")
            path, tree = ("steps",), tree.get("steps")
        if not isinstance(tree, list):
            self.refuse(path, kind_of(tree), "a list of steps, or a mapping with steps")
            return ()
        if not tree or len(tree) > MOST_STEPS:
            self.refuse(path, f"{len(tree):,} steps", f"from 1 to {MOST_STEPS:,} steps")
            return ()
        return tuple(self.step((*path, n), step) for n, step in enumerate(tree))

    def keys(self, path: Path, written: dict[str, Any], known: Sequence[str]) -> None:
        """No keys but the known ones."""
        for key in written:
            if key not in known:
                found = f"the unknown key {shown(key)}"
                self.refuse((*path, key), found, one_of(known), did_you_mean(key, known), key=True)

    def step(self, path: Path, written: Any) -> WrittenStep:
        """One step; the levels are those after it."""
        nothing = WrittenStep((), False, None, "")
        if not isinstance(written, dict):
            self.refuse(path, kind_of(written), "a step: a mapping with moves")
            return nothing
        self.keys(path, {k: v for k, v in written.items() if k not in TOLD}, STEP)
        rows, where = written.get("moves"), (*path, "moves")
        if not isinstance(rows, list) or not rows:
            found = "no moves" if rows is None or rows == [] else kind_of(rows)
            self.refuse(where if rows is not None else path, found, "a list of moves: {party, option, to}")
            return nothing
        moves = [m for n, row in enumerate(rows[:MOST_STEPS]) if (m := self.move((*where, n), row, rows[:n]))]
        whole = self.truth((*path, "escrow"), written.get("escrow"))
        due = self.due((*path, "due"), written.get("due"))
        return WrittenStep(tuple(moves), whole, due, _text(written.get("note")), self.side(path, written.get("side")))

    def side(self, path: Path, written: Any) -> dict[str, float]:
        """Payments among the parties before a step; what one gets the others pay."""
        where = (*path, "side")
        if written is None:
            return {}
        if not isinstance(written, dict):
            self.refuse(where, kind_of(written), "payments: a mapping of parties to amounts")
            return {}
        found: dict[str, float] = {}
        known = list(self.case.parties)
        for party, amount in written.items():
            if party not in known:
                self.refuse(
                    (*where, party), _unknown("party", party), one_of(known), did_you_mean(party, known), key=True
                )
                continue
            number = _finite(amount)
            if number is None:
                self.refuse((*where, party), shown(amount), "a number: what it gets per period, negative if it pays")
            else:
                found[party] = number
        if abs(sum(found.values())) > SAME * max((abs(v) for v in found.values()), default=0.0):
            self.refuse(where, "payments that do not add up to nothing", "as much paid as received")
        return {p: v for p, v in found.items() if v}

    def move(self, path: Path, written: Any, earlier: Sequence[Any]) -> WrittenMove | None:
        """One option brought to a level."""
        if not isinstance(written, dict):
            self.refuse(path, kind_of(written), "a move: {party, option, to}")
            return None
        self.keys(path, written, MOVE)
        options = self.case.file.options
        name, to = written.get("option"), written.get("to")
        if not isinstance(name, str) or name not in options:
            found = "no option" if name is None else _unknown("option", name)
            fix = did_you_mean(str(name or ""), list(options))
            self.refuse((*path, "option") if name is not None else path, found, one_of(list(options)), fix)
            return None
        option, number = options[name], self.case.options.index(name)
        self.owner(path, written.get("party"), name)
        after = self.level((*path, "to"), path, to, option.levels)
        start = written.get("from")
        now = self.levels[number]
        if start is not None and self.level((*path, "from"), path, start, option.levels) not in (None, now):
            found = f"{shown(start)}, though {name} is at {option.levels[now]} before this step"
            self.refuse((*path, "from"), found, f"{option.levels[now]}, or no 'from'")
        if any(isinstance(e, dict) and e.get("option") == name for e in earlier):
            self.refuse(path, f"{name} a second time in one step", "each option once", "Make it a step of its own.")
            return None
        if after is None or not self.permitted((*path, "to"), name, number, after):
            return None
        self.levels[number] = after
        return WrittenMove(option.party, name, now, after)

    def owner(self, path: Path, party: Any, option: str) -> None:
        """The party written is the one that owns the option."""
        owner = self.case.file.options[option].party
        if party is None or party == owner:
            return
        known = list(self.case.parties)
        if party not in known:
            fix = did_you_mean(str(party), known)
            self.refuse((*path, "party"), _unknown("party", party), one_of(known), fix)
        else:
            self.refuse((*path, "party"), f"{shown(party)} moving {option}", f"{owner}, whose option it is")

    def level(self, path: Path, move: Path, written: Any, levels: Sequence[str]) -> int | None:
        """The number of a level."""
        if isinstance(written, str) and written in levels:
            return list(levels).index(written)
        short = isinstance(written, str) and written.isascii() and written.isdecimal() and len(written) < 4
        if short and int(written) < len(levels):
            return int(written)
        found = f"no {path[-1]}" if written is None else _unknown("level", written)
        fix = did_you_mean(str(written or ""), list(levels))
        self.refuse(path if written is not None else move, found, f"a level: {', '.join(levels[:12])}", fix)
        return None

    def permitted(self, path: Path, name: str, number: int, after: int) -> bool:
        """The option moves, goes on the way that it has taken, and can go there."""
        option, now = self.case.file.options[name], self.levels[number]
        told = f"{name} from {option.levels[now]} to {option.levels[after]}"
        if after == now:
            self.refuse(path, f"{name} at {option.levels[now]} already", "another level, or no move of it")
            return False
        way = 1 if after > now else -1
        if self.ways.setdefault(number, way) != way:
            self.refuse(path, f"{told}, back on its way", "steps that move every option one way")
            return False
        stops = range(now, after + way, way)
        for here, there in pairwise(stops):
            low, high = option.windows()[here]
            if not low <= there <= high:
                self.refuse(path, told, f"a level that {name} can go to", "See its 'moves' and 'irreversible'.")
                return False
        return True

    def truth(self, path: Path, written: Any) -> bool:
        if written not in (None, "true", "false", True, False):
            self.refuse(path, shown(written) if isinstance(written, str) else kind_of(written), "true or false")
        return written in ("true", True)

    def due(self, path: Path, text: Any) -> int | None:
        """The period by which a step is to be done."""
        if text is None:
            return None
        short = str(text).isascii() and len(str(text)) <= DIGITS
        if not isinstance(text, str | int) or not short or not str(text).isdecimal():
            self.refuse(path, kind_of(text), "a whole number of periods from today")
            return None
        return int(text)
