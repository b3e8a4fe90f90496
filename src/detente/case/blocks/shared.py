"""``numbers`` and ``correlated``: uncertain quantities used by name, and how inputs go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator

from detente.base.errors import did_you_mean, shown
from detente.case.fields import Correlation, wrong

MOST_CORRELATED = 100

if TYPE_CHECKING:
    from detente.case.checker import Checker
    from detente.case.file import CaseFile


def _triple(value: object) -> object:
    if not isinstance(value, list | tuple) or len(value) != 3:
        wrong("something else", "[input, input, correlation]", "For example [us.arsenal, dprk.arsenal, 0.6].")
    return value


Correlated = Annotated[tuple[str, str, Correlation], BeforeValidator(_triple)]


def check_shared(file: CaseFile, checker: Checker) -> None:
    """Shared numbers stand on their own; correlated inputs exist and their correlations can hold together."""
    for name, number in file.numbers.items():
        if number.quantity.kind == "shared":
            checker.error(("numbers", name), f"another name ({number.quantity.name})", "a number of its own")
        checker.evidence(("numbers", name), number.evidence)
        if name in file.options:
            checker.error(("numbers", name), f"the name of an option ({name})", "a name of its own")
    for n, (first, second, number) in enumerate(file.correlated):
        checker.amount(("correlated", n, 2), number)
        for k, reference in enumerate((first, second)):
            if not is_input(file, reference):
                known = [*file.numbers, *(f"{p}.{o}" for p in file.preferences for o in file.options)]
                expected = "a shared number, or party.option with a written utility"
                found = f"the unknown input {shown(reference)}"
                checker.error(("correlated", n, k), found, expected, did_you_mean(reference, known))
        if first == second:
            checker.error(("correlated", n), f"{first} with itself", "two different inputs")
    if not checker.problems and file.correlated:
        _check_joint(file, checker)


def is_input(file: CaseFile, reference: str) -> bool:
    """Whether a reference names a shared number or a party's worth of an option's levels."""
    if reference in file.numbers:
        return True
    party, _, option = reference.partition(".")
    preference = file.preferences.get(party)
    if preference is None or option not in file.options:
        return False
    forms = [preference, *(preference.types or {}).values()]
    return any(option in (f.utility or {}) for f in forms)


def _check_joint(file: CaseFile, checker: Checker) -> None:
    """The correlations, unwritten ones 0, must form a correlation matrix (Cholesky without a pivot below 0)."""
    names = sorted({r for row in file.correlated for r in row[:2]})
    if len(names) > MOST_CORRELATED:
        checker.error(("correlated",), f"{len(names):,} correlated inputs", f"at most {MOST_CORRELATED}")
        return
    matrix = [[1.0 if a == b else 0.0 for a in names] for b in names]
    for first, second, number in file.correlated:
        i, j = names.index(first), names.index(second)
        matrix[i][j] = matrix[j][i] = float(checker.mean(number))
    size = len(names)
    lower = [[0.0] * size for _ in names]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - sum(lower[i][k] * lower[j][k] for k in range(j))
            if i == j and rest < -1e-9:
                fix = "Bring them nearer to 0."
                checker.error(("correlated",), "correlations that contradict each other", "ones that can hold", fix)
                return
            if i == j:
                lower[i][i] = max(rest, 0.0) ** 0.5
            elif lower[j][j] > 1e-9:
                lower[i][j] = rest / lower[j][j]
