"""The engine of agreements with one seeded mistake each: what is replaced by what, in which module."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import detente.agreement.run

HERE = Path(detente.agreement.run.__file__).parent
SHARED = {"terms", "records", "formulas", "periods", "calendar", "recurrence", "recurring", "time_text"}  # data, dates


@dataclass(frozen=True)
class Mutant:
    """A mistake: ``old`` is written once in the module, and becomes ``new``."""

    mistake: str
    module: str
    old: str
    new: str


MUTANTS = (
    Mutant(
        "one slot for holds instead of a set",
        "machine",
        "        if hold not in node.holds:\n            node.holds[hold]",
        "        if hold not in node.holds:\n            node.holds.clear()\n            node.holds[hold]",
    ),
    Mutant(
        "a hold that is taken off takes all off",
        "machine",
        "        if node.holds.pop(hold, None) is not None:",
        "        if node.holds.pop(hold, None) is not None:\n            node.holds.clear()",
    ),
    Mutant(
        "holds move no deadline",
        "clocks",
        "ends.append(node.due + node.held - node.due_mark if",
        "ends.append(node.due if",
    ),
    Mutant(
        "claims are judged by when they act",
        "clocks",
        "timeliness(interval, node",
        "timeliness(Interval(now, now), node",
    ),
    Mutant(
        "reached only after the deadline",
        "clocks",
        "if end is None or now < end or not",
        "if end is None or now <= end or not",
    ),
    Mutant(
        "late claims of what is overdue are judged again",
        "clocks",
        'True if row in ("7", "13") else',
        "True if False else",
    ),
    Mutant(
        "what is decided moves one after the other",
        "machine",
        "            for node, row in decided:\n                perform(self, node, row)",
        "            self.touched.update(n for n, _ in decided[1:])\n"
        "            for node, row in decided[:1]:\n                perform(self, node, row)",
    ),
    Mutant("what has ended keeps its holds", "machine", "            if life in at.UNHELD:", "            if False:"),
    Mutant(
        "holds move no lapse time", "clocks", "now >= node.moved(node.lapse, node.lapse_mark, now)", "now >= node.lapse"
    ),
    Mutant("unverified is a breach", "clocks", '"10": at.UNVERIFIED', '"10": at.BREACHED'),
    Mutant("a refutation gives no notice", "clocks", "    if notice:\n", "    if not notice:\n"),
    Mutant(
        "a refuted claim still stands",
        "clocks",
        "    node.claims.clear()\n    node.verified.clear()\n    if node.late is None:",
        "    if node.late is None:",
    ),
    Mutant("duplicates act twice", "effective", "if same and any(_equal(r, other) for other in same):", "if False:"),
    Mutant("retracted records stay", "effective", 'if any(c.kind == "retract" for c in changes):', "if False:"),
    Mutant(
        "corrections act in the wrong order", "effective", "for change in reversed(changes):", "for change in changes:"
    ),
    Mutant("stay is ignored", "consequences", "if staying or (", "if ("),
    Mutant("early claims are lost", "facts_acts", "    if row is None and life not in EARLY:", "    if row is None:"),
    Mutant(
        "one claim is enough for all", "nodes", '(self.mode == "any" or len(self.claims) >= len(self.obligors))', "True"
    ),
    Mutant("blame falls on all", "consequences", 'if node.mode == "all" else ()', "if False else ()"),
    Mutant(
        "overturned, the holds stay",
        "consequences",
        "if entry.applied is not None and entry.what.effect in REASON:",
        "if False:",
    ),
    Mutant(
        "a consequence fires again when upheld",
        "disputes",
        "    if not node.in_breach:\n        begin_breach",
        "    if True:\n        begin_breach",
    ),
    Mutant(
        "the window to contest includes its end",
        "disputes",
        "if end is None or machine.now >= end:",
        "if end is None or machine.now > end:",
    ),
    Mutant("blocked only by all", "consequences", 'return objection.rule == "any" or', "return"),
    Mutant(
        "remedied counts as never breached",
        "clocks",
        'machine.move(node, at.REMEDIED if node.in_breach else at.FULFILLED, "K3", "clock")',
        'machine.move(node, at.FULFILLED, "K3", "clock")',
    ),
    Mutant(
        "instances do not wait for the one before",
        "clocks",
        "if node.previous is not None and now < node.previous:",
        "if False:",
    ),
)


def parts_of(stem: str, found: set[str]) -> set[str]:
    """Give the modules of the engine: what ``run`` imports, but for data and dates."""
    found.add(stem)
    text = (HERE / f"{stem}.py").read_text(encoding="utf-8")
    for dotted, plain in re.findall(r"from detente\.agreement(?:\.(\w+)| import (\w+))", text):
        if (dotted or plain) not in SHARED | found:
            parts_of(dotted or plain, found)
    return found


@contextmanager
def engine_of(mutant: Mutant, folder: Path) -> Iterator[ModuleType]:
    """Give the module ``run`` of an engine that makes a mistake; the data types are the product's own."""
    package = re.sub(r"\W+", "_", f"mutant_{mutant.mistake}")
    target = folder / package
    target.mkdir()
    engine = parts_of("run", set())
    listed = "|".join(sorted(engine))
    names = re.compile(rf"\bdetente\.agreement(?=\.(?:{listed})\b| import (?:{listed})\b)")
    (target / "__init__.py").write_text("")
    for stem in engine:
        text = (HERE / f"{stem}.py").read_text(encoding="utf-8")
        if stem == mutant.module:
            assert text.count(mutant.old) == 1, f"{mutant.mistake}: {mutant.old!r} is not once in {stem}.py"
            text = text.replace(mutant.old, mutant.new)
        (target / f"{stem}.py").write_text(names.sub(package, text), encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module(f"{package}.run")
    finally:
        sys.path.remove(str(folder))
        for name in [n for n in sys.modules if n == package or n.startswith(f"{package}.")]:
            del sys.modules[name]
