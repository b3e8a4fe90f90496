"""The implementation matrix: one row for each step of an agreement, as plain data and as CSV.

Who does what, where, how it is seen, by whom, how long doing, seeing and undoing it take, what the others do in return,
what follows a breach, and where it stands. ``matrix_sheet`` writes it as a workbook, ``matrix_return`` reads what came
back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, is_dataclass
from fractions import Fraction

from detente.agreement import terms as t
from detente.agreement.formula_text import formula_text
from detente.agreement.formulas import Always, Formula, Joint, Never
from detente.agreement.periods import Period
from detente.agreement.time_text import moment_text, period_text
from detente.base.table import Table
from detente.base.wording import listed

HEADS = {
    "step": "Step", "obligation": "Obligation", "who": "Who", "place": "Object and place", "evidence": "Evidence",
    "verifier": "Verifier", "access": "Access", "do": "Time to do", "detect": "Time to detect",
    "undo": "Time to undo", "counter_step": "Counter-step", "consequence": "If not", "status": "Status",
}  # fmt: skip
SIGNS = {"==": "exactly", "<=": "at most", ">=": "at least", "<": "below", ">": "above"}


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One step.

    Attributes:
        step: id of the commitment, part (``c@party``) or instance (``c#1``).
        obligation, who, place, evidence, verifier, access: in words.
        do, detect, undo: how long each takes, or by when it is due.
        counter_step: what others do once it is done.
        consequence: what follows a breach.
        status: life state, in words; in a returned sheet whatever was written.
    """

    step: str
    obligation: str
    who: str
    place: str = ""
    evidence: str = ""
    verifier: str = ""
    access: str = ""
    do: str = ""
    detect: str = ""
    undo: str = ""
    counter_step: str = ""
    consequence: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Matrix:
    """All steps under a title.

    Attributes:
        title: name of the agreement.
        rows: one per commitment, or per part or instance where statuses name them.
        marking: handling caveat.
        as_of: the date or instant at which the statuses hold, as text.
    """

    title: str
    rows: tuple[MatrixRow, ...]
    marking: str = ""
    as_of: str = ""

    @property
    def heading(self) -> str:
        """Title, marking and date on one line."""
        as_of = f"as of {self.as_of}" if self.as_of else ""
        return " · ".join(part for part in (self.title, self.marking, as_of) if part)

    def table(self) -> Table:
        """The rows as a table of text."""
        return Table(tuple(HEADS.values()), tuple(astuple(row) for row in self.rows), self.heading)

    def to_csv(self) -> str:
        """Comma-separated text with a line of heads; no cell is a formula."""
        return self.table().to_csv()


def matrix_rows(
    terms: t.Terms, statuses: Mapping[str, str] | None = None, names: Mapping[str, str] | None = None
) -> tuple[MatrixRow, ...]:
    """The rows of an agreement.

    Args:
        terms: what was agreed.
        statuses: life state by id of commitment, part (``c@party``) or instance (``c#1``); where parts or instances of
            a commitment are named, each is a row of its own.
        names: what parties and bodies are called.

    Returns:
        One row per step, in the order of the agreement.
    """
    writer = _Writer(terms, names or {})
    states = statuses or {}
    parts: dict[str, list[str]] = {}
    for step in states:
        parts.setdefault(whole_of(step), []).append(step)
    return tuple(
        writer.row(commitment, step, states.get(step, ""))
        for commitment in terms.commitments
        for step in ([s for s in parts.get(commitment.id, ()) if s != commitment.id] or [commitment.id])
    )


def whole_of(step: str) -> str:
    """The commitment of which a step is a part or instance."""
    return step.partition("@")[0].partition("#")[0]


class _Writer:
    """Puts commitments into words."""

    def __init__(self, terms: t.Terms, names: Mapping[str, str]) -> None:
        self.terms = terms
        self.names = names
        self.titles = {c.id: c.title or c.id for c in terms.commitments}
        self.followers: dict[str, list[t.Commitment]] = {}
        for commitment in terms.commitments:
            for name in dict.fromkeys(_mentioned(commitment.trigger, terms.groups)):
                self.followers.setdefault(name, []).append(commitment)

    def row(self, c: t.Commitment, step: str, status: str) -> MatrixRow:
        party = step.partition("@")[2].partition("#")[0]
        return MatrixRow(
            step=step,
            obligation=_colon(c.title, self._act(c)),
            who=self._name(party) if party else self._owners(c),
            place=_colon(c.object, c.place) or (c.object or c.place),
            evidence="; ".join(dict.fromkeys(e for v in c.verification for e in v.evidence)),
            verifier=self._verifiers(c),
            access=self._some(dict.fromkeys(v.access for v in c.verification if v.access)),
            do=self._time_to_do(c),
            detect="; ".join(dict.fromkeys(d for v in c.verification if (d := _detection(v)))),
            undo=_undoing(c.reversible),
            counter_step=self._counter_steps(c),
            consequence="; ".join(f"{n}. {self._consequence(e)}" for n, e in enumerate(c.on_breach, 1)),
            status=status,
        )

    def _name(self, name: str) -> str:
        return self.names.get(name, name)

    def _all(self, names: tuple[str, ...], conjunction: str = "and") -> str:
        return _listed([self._name(n) for n in names], conjunction)

    def _owners(self, c: t.Commitment) -> str:
        return self._all(c.obligors, "or" if c.mode == "any" else "and")

    def _some(self, commitments: Mapping[str, object] | tuple[str, ...]) -> str:
        whole = {"agreement": "the whole agreement"}
        return _listed([whole.get(c) or _labelled(c, self.titles.get(c, c)) for c in commitments])

    def _act(self, c: t.Commitment) -> str:
        kept = {"maintain": "keep: ", "refrain": "refrain from: ", "recurrent": "each time: "}.get(c.modality, "")
        act = c.act
        if isinstance(act, t.TextAct):
            return kept + act.text
        if isinstance(act, t.OptionAct):
            start = f" from {act.from_level}" if act.from_level else ""
            return f"{kept}{act.option}{start} to {act.to_level}"
        base = f" of what {act.baseline} declares" if act.baseline else ""
        amount = f"{SIGNS.get(act.op, act.op)} {number_text(act.amount)} {act.unit}".strip()
        return f"{kept}{act.quantity}: {amount}{base}"

    def _verifiers(self, c: t.Commitment) -> str:
        found = [f"{self._name(v.verifier)}{f' ({v.method})' if v.method else ''}" for v in c.verification]
        needed = {"any": "", "all": "all of "}.get(str(c.verified_by), f"{c.verified_by} of ")
        own_word = "own word is enough" if c.claim_ok else ""
        return "; ".join(p for p in ((needed if len(found) > 1 else "") + _listed(found), own_word) if p)

    def _time_to_do(self, c: t.Commitment) -> str:
        takes = f"takes at least {period_text(c.min_duration)}" if c.min_duration else ""
        begins = {Always: "", Never: "when a consequence asks for it"}.get(type(c.trigger))
        begins = f"from {formula_text(c.trigger)}" if begins is None else begins
        cure = f"{period_text(c.cure)} to mend" if c.cure else ""
        return "; ".join(part for part in (begins, deadline_text(c.deadline), cure, takes) if part)

    def _counter_steps(self, c: t.Commitment) -> str:
        others = [f for f in self.followers.get(c.id, ()) if set(f.obligors) - set(c.obligors)]
        return "; ".join(f"{self._owners(f)}: {_labelled(f.id, self.titles[f.id])}" for f in others)

    def _consequence(self, e: t.Consequence) -> str:
        what = {
            "terminate": f"ends {self._some(e.targets)}",
            "reverse": f"returns {e.option} to {e.level}",
            "suspend": f"suspends {self._some(e.targets)}",
            "activate": f"makes due {self._some(e.targets)}",
            "compensate": f"{number_text(e.amount)} {e.unit} owed to {self._all(e.to)}".replace("  ", " "),
            "escalate": f"calls {self._name(e.body or 'a body')}",
        }[e.effect]
        if e.resume is not None:
            what += f" until {formula_text(e.resume)}"
        how = f" if {self._name(e.power_of)} invokes it" if e.power_of else " by itself"
        if e.notice:
            how += f", after notice of {period_text(e.notice)}"
        if e.objection:
            who = self._all(e.objection.blockers, "and" if e.objection.rule == "all" else "or")
            silent = "" if e.objection.if_silent == "apply" else ", and not if all are silent"
            how += f", unless {who} object within {period_text(e.objection.window)}{silent}"
        return what + how


def deadline_text(deadline: t.Deadline) -> str:
    """By when, in words."""
    if isinstance(deadline, t.On):
        return f"by {moment_text(deadline.moment)}"
    if isinstance(deadline, t.Within):
        anchor = f" of {formula_text(deadline.anchor)}" if deadline.anchor else ""
        return f"within {period_text(deadline.period)}{anchor}"
    if isinstance(deadline, t.Every):
        return f"by rule {deadline.rule} from {deadline.start}"
    review = f", looked at again on {deadline.review}" if deadline.review else ""
    return f"no deadline{f' ({deadline.reason})' if deadline.reason else ''}{review}"


def number_text(number: Fraction | None) -> str:
    """An exact number: a decimal where it is one, else a fraction."""
    if number is None:
        return "an amount"
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest > 1 or number.denominator > 10**9:
        return str(number)
    places = 0
    while number.denominator > 1:
        number, places = number * 10, places + 1
    digits = f"{abs(number.numerator):0{places + 1}d}"
    text = f"{digits[: len(digits) - places]}.{digits[len(digits) - places :]}" if places else digits
    return f"-{text}" if number < 0 else text


def _listed(items: Sequence[str], conjunction: str = "and") -> str:
    return listed(items, conjunction) if items else ""


def _colon(title: str, text: str) -> str:
    return f"{title}: {text}" if title and text and title != text else title or text


def _labelled(step: str, title: str) -> str:
    return step if title == step else f"{title} ({step})"


def _detection(way: t.Verification) -> str:
    lag = way.lag
    parts = (
        f"{period_text(lag[0])}, at times {period_text(lag[1])}" if lag and lag[0] != lag[1] else "",
        period_text(lag[0]) if lag and lag[0] == lag[1] else "",
        f"finding due in {period_text(way.window)}" if way.window else "",
        f"looked at every {_once(way.every)}" if way.every else "",
    )
    return ", ".join(part for part in parts if part)


def _once(period: Period) -> str:
    text = period_text(period)
    return text.removeprefix("1 ") if text.count(" ") == 1 else text


def _undoing(reversible: object) -> str:
    if isinstance(reversible, t.Undo):
        cost = "" if reversible.cost is None else f", at a cost of {number_text(reversible.cost)}"
        return f"{period_text(reversible.time)}{cost}"
    return "cannot be undone" if reversible == "no" else ""


def _mentioned(formula: Formula, groups: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The commitments that a formula waits for."""
    if isinstance(formula, Joint):
        yield from groups.get(formula.group, ())
        return
    for part in fields(formula):
        value = getattr(formula, part.name)
        if part.name == "commitment":
            yield value
        for inner in value if isinstance(value, tuple) else (value,):
            if is_dataclass(inner) and not isinstance(inner, Period):
                yield from _mentioned(inner, groups)  # type: ignore[arg-type]
