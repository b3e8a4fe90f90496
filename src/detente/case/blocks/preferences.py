"""``preferences``: what each party wants, in one form per party or per type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Tag

from detente.base.errors import shown
from detente.case.fields import Block, Clause, Identifier, Number, Probability, Prose, StateOrCondition, Truth, wrong

if TYPE_CHECKING:
    from detente.case.checker import Checker, Path
    from detente.case.file import CaseFile

FORMS = ("utility", "ranking", "priorities", "partial")


def _kind_of_worth(value: object) -> str:
    written = isinstance(value, dict) and not {"value", "default", "once"} & set(value)
    return "levels" if written else "amount"


def _kind_of_entry(value: object) -> str:
    return "tied" if isinstance(value, list | tuple) else "single"


def _kind_of_prior(value: object) -> str:
    return "rest" if value == "rest" else "chance"


def pair_of(value: object) -> object:
    """Hold a value to being a pair [better, worse]."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        wrong("something else", "a pair [better, worse]", "Write two conditions in square brackets.")
    return value


def _pairs(value: object) -> object:
    if isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(v, str) for v in value):
        wrong("one pair", "a list of pairs", "Write [[better, worse]].")
    return value


def _strength(value: object) -> object:
    if value is not None and (not isinstance(value, dict) or set(value) != {"much"}):
        wrong("something else", "strength: {much: [[better, worse]]}", "Write the comparisons that are much stronger.")
    return value


LevelWorths = dict[str, Number]
Worth = Annotated[
    Annotated[LevelWorths, Tag("levels")] | Annotated[Number, Tag("amount")], Discriminator(_kind_of_worth)
]
Entry = Annotated[
    Annotated[tuple[StateOrCondition, ...], Tag("tied")] | Annotated[StateOrCondition, Tag("single")],
    Discriminator(_kind_of_entry),
]
Pair = Annotated[tuple[StateOrCondition, StateOrCondition], BeforeValidator(pair_of)]
Pairs = Annotated[tuple[Pair, ...], BeforeValidator(_pairs)]
Prior = Annotated[
    Annotated[Literal["rest"], Tag("rest")] | Annotated[Probability, Tag("chance")], Discriminator(_kind_of_prior)
]


class Forms(Block):
    """The forms a preference can have; exactly one of utility, ranking, priorities, partial.

    Attributes:
        utility: value per period on the party's own scale: option -> level -> worth, condition -> worth.
        shape: ``free`` lets the levels of an option draw separately (for all options, or per option).
        ranking: states, tied states or conditions, best first.
        priorities: statements, most important first; a list holds tied statements.
        adjust: pairs [better, worse] that correct the order of the priorities by hand.
        partial: the only known comparisons, [better, worse], closed transitively.
        unknown: pairs whose comparison is not known although there is an order.
        strength: comparisons that are much stronger than the rest.
        note, source, by: where the preference comes from.
    """

    utility: dict[str, Worth] | None = None
    shape: Literal["free", "shared"] | dict[Identifier, Literal["free", "shared"]] = "shared"
    ranking: tuple[Entry, ...] | None = None
    priorities: tuple[Entry, ...] | None = None
    adjust: Pairs = ()
    partial: Pairs | None = None
    unknown: Pairs = ()
    strength: Annotated[dict[Literal["much"], Pairs] | None, BeforeValidator(_strength)] = None
    note: Prose = ""
    source: Prose | None = None
    by: Prose | None = None

    def form(self) -> str | None:
        """The form that is written, or None."""
        return next((f for f in FORMS if getattr(self, f) is not None), None)

    def is_free(self, option: str) -> bool:
        """Whether the levels of an option draw separately."""
        return (self.shape.get(option) if isinstance(self.shape, dict) else self.shape) == "free"


class PreferenceType(Forms):
    """One of several alternative preferences of a party.

    Attributes:
        label: shown to readers.
        prior: probability of the type, or ``rest``.
        assumed: whether questions that need one preference take this type.
    """

    label: Prose | None = None
    prior: Prior | None = None
    assumed: Truth = False


class Preference(Forms):
    """The preference of one party, or its types."""

    types: dict[Identifier, PreferenceType] | None = None


def check_preferences(file: CaseFile, checker: Checker) -> None:
    """Parties exist, one form each, conditions and levels exist, priors are complete."""
    for party, written in file.preferences.items():
        path: Path = ("preferences", party)
        checker.party(path, party)
        if party in file.parties and file.parties[party].role == "mediator":
            checker.error(path, "a preference of a mediator", "none: a mediator is never given one", "Remove it.")
        if written.types is None:
            _check_forms(path, written, checker)
            continue
        if written.form() is not None:
            checker.error(path, f"types beside {written.form()!r}", "types, or one preference", "Move it into a type.")
        for name, kind in written.types.items():
            _check_forms((*path, "types", name), kind, checker)
        _check_priors(path, written.types, checker)


def _check_forms(path: Path, forms: Forms, checker: Checker) -> None:
    written = [f for f in FORMS if getattr(forms, f) is not None]
    if len(written) != 1 and not any(checker.cut(*path, f) for f in FORMS):
        found = " and ".join(written) if written else "no preference"
        checker.error(path, found, f"one of {', '.join(FORMS)}", "Keep one form." if written else "")
    if forms.adjust and forms.priorities is None:
        checker.error((*path, "adjust"), "adjust without priorities", "adjust beside priorities")
    if forms.partial is not None and (forms.unknown or forms.strength):
        checker.error(path, "partial with unknown or strength", "unknown and strength beside an order")
    _check_utility(path, forms, checker)
    for where, entry in entries(forms):
        checker.condition((*path, *where), entry, states=True)


def entries(forms: Forms) -> Iterator[tuple[tuple[str | int, ...], Clause]]:
    """Every condition or state written in an order, with its place."""
    for form in ("ranking", "priorities"):
        for n, entry in enumerate(getattr(forms, form) or ()):
            if isinstance(entry, tuple):
                yield from (((form, n, k), part) for k, part in enumerate(entry))
            else:
                yield (form, n), entry
    pairs: list[tuple[tuple[str | int, ...], Any]] = [
        ((f,), getattr(forms, f) or ()) for f in ("adjust", "partial", "unknown")
    ]
    if forms.strength:
        pairs.append((("strength", "much"), forms.strength["much"]))
    for where, written in pairs:
        for n, pair in enumerate(written):
            yield from (((*where, n, k), part) for k, part in enumerate(pair))


def _check_utility(path: Path, forms: Forms, checker: Checker) -> None:
    if isinstance(forms.shape, dict):
        for option in forms.shape:
            checker.option((*path, "shape", option), option)
    if (forms.shape != "shared") and forms.utility is None:
        checker.error((*path, "shape"), "shape without utility", "shape beside utility")
    for key, worth in (forms.utility or {}).items():
        where = (*path, "utility", key)
        if isinstance(worth, dict):
            checker.option(where, key)
            for level, number in worth.items():
                checker.level((*where, level), key, level)
                checker.amount((*where, level), number)
        else:
            checker.amount(where, worth)
            checker.condition_key(where, key)
    _check_repeated(path, forms, checker)


def _check_repeated(path: Path, forms: Forms, checker: Checker) -> None:
    seen: dict[object, str] = {}
    for key, worth in (forms.utility or {}).items():
        node = None if isinstance(worth, dict) else checker.parsed(key)
        if node is not None and node in seen:
            fix = f"It says the same as {shown(seen[node])}; keep one of them."
            checker.error((*path, "utility", key), f"the condition {shown(key)} a second time", "each once", fix)
        elif node is not None:
            seen[node] = key


def _check_priors(path: Path, types: dict[str, PreferenceType], checker: Checker) -> None:
    where = (*path, "types")
    if not types and not checker.cut(*where):
        checker.error(where, "no type", "at least one type")
    assumed = [t for t, k in types.items() if k.assumed]
    if len(assumed) > 1:
        checker.error((*where, assumed[1], "assumed"), f"{len(assumed)} assumed types", "at most one", "Choose one.")
    rests = [t for t, k in types.items() if k.prior == "rest"]
    if len(rests) > 1:
        checker.error((*where, rests[1], "prior"), "'rest' a second time", "at most one 'rest'")
    missing = [t for t, k in types.items() if k.prior is None and not checker.cut(*where, t, "prior")]
    if missing and len(missing) < len(types):
        fix = "Write 'rest' for what remains."
        checker.error((*where, missing[0]), "no prior", "a prior for every type, or for none", fix)
    for name, kind in types.items():
        if kind.prior is not None and not isinstance(kind.prior, str):
            checker.amount((*where, name, "prior"), kind.prior)
    written = [k.prior for k in types.values() if k.prior is not None and not isinstance(k.prior, str)]
    if not rests and not missing and not checker.problems:
        total = sum(checker.mean(p) for p in written)
        if total == 0:
            checker.error(where, "priors that sum to 0", "priors that sum to 1")
        elif abs(total - 1) > 1e-9:
            found = f"priors that sum to {float(total):g}"
            checker.warn(where, found, "priors that sum to 1", "They are divided by their sum; one can be 'rest'.")
