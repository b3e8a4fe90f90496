"""Other readings of the solution concepts, as they are found in published tables and in programs.

A reading changes one thing in the definitions; two readings that change different things can be joined.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import combinations

LEGAL, ONE_MOVE, EACH_ONCE, FREE = "legal", "one move", "each once", "free"
EACH, LAST, NET, START = "each", "last", "net", "start"


@dataclass(frozen=True, slots=True)
class Reading:
    """How the definitions are read; the default is the definition, everything else a reading found elsewhere.

    Attributes:
        sequences: how opponents may answer: ``legal`` sequences (nobody twice in a row), ``one move`` by one of them,
            ``each once`` at most, or ``free`` (somebody may go on moving).
        credible: where sanctions must be improvements: in ``seq`` and ``sseq`` (None), everywhere, or nowhere.
        steps: what an improving sequence is: ``each`` step is one for who makes it; only the ``last`` step is; the
            ``net`` effect is one for all who move; each step is one measured from the ``start`` of the sequence.
        strict: a sanction must leave the party strictly worse off than where it was.
        back: whether being brought back to where it was is a sanction.
        escape: the party's way out of a sanction in ``smr`` and ``sseq``: ``one`` move, ``several`` moves in a row,
            ``none`` (overlooked), ``equal`` (also to what is as good as where it was).
        ties: whether a move to an equally good state counts as an improvement, for all parties.
        unpunished: whether sanctions are overlooked altogether.
    """

    sequences: str = LEGAL
    credible: bool | None = None
    steps: str = EACH
    strict: bool = False
    back: bool = True
    escape: str = "one"
    ties: bool = False
    unpunished: bool = False

    def joined(self, other: Reading) -> Reading | None:
        """Both at once, or None where they change the same thing."""
        mine, its = self._changes(), other._changes()
        return None if mine.keys() & its.keys() else replace(self, **its)  # type: ignore[arg-type]

    def _changes(self) -> dict[str, object]:
        return {f.name: v for f in fields(self) if (v := getattr(self, f.name)) != f.default}


@dataclass(frozen=True, slots=True)
class Known:
    """A reading that is found in practice.

    Attributes:
        id: its name in JSON.
        reading: what it changes.
        says: the reading, to follow the word *if*.
        definition: what the definition says instead.
    """

    id: str
    reading: Reading
    says: str
    definition: str


RIGHT = Reading()
READINGS = {
    k.id: k
    for k in (
        Known(
            "one_move", Reading(sequences=ONE_MOVE), "only one opponent may answer, with one move",
            "the opponents answer in sequences of any length in which nobody moves twice in a row",
        ),
        Known(
            "each_once", Reading(sequences=EACH_ONCE), "each opponent may move only once",
            "the opponents answer in sequences of any length in which nobody moves twice in a row",
        ),
        Known(
            "free", Reading(sequences=FREE), "an opponent may move several times in a row",
            "nobody moves twice in a row (it matters where states are merged)",
        ),
        Known(
            "credible_everywhere", Reading(credible=True),
            "opponents answer only by moves that they prefer, under every concept",
            "under general and symmetric metarationality any answer counts",
        ),
        Known(
            "credible_nowhere", Reading(credible=False), "any answer of the opponents counts, under every concept",
            "under sequential stability each step of an answer must be an improvement for who makes it",
        ),
        Known(
            "last_step", Reading(steps=LAST), "only the last step of an answer must be an improvement for who makes it",
            "each step must be one",
        ),
        Known(
            "net_effect", Reading(steps=NET), "an answer must leave all who take part in it better off in the end",
            "each step must be an improvement for who makes it",
        ),
        Known(
            "from_start", Reading(steps=START), "opponents measure their improvements from where their answer starts",
            "each step is measured from where that step starts",
        ),
        Known(
            "strict", Reading(strict=True), "an answer must leave the party worse off than it was",
            "it punishes if it leaves the party no better off; equally good is enough",
        ),
        Known(
            "no_way_back", Reading(back=False), "being brought back to where it was does not count as punished",
            "it does; the matrix form with a zero diagonal forgets it",
        ),
        Known(
            "no_escape", Reading(escape="none"), "the party's own next move after an answer is overlooked",
            "under the symmetric concepts that move must not mend the punishment",
        ),
        Known(
            "several_escapes", Reading(escape="several"), "the party may make several moves in a row to escape",
            "it has one move",
        ),
        Known(
            "equal_escape", Reading(escape="equal"),
            "the party has escaped already when it is as well off as before", "it must be better off than before",
        ),
        Known(
            "ties_tempt", Reading(ties=True), "a move to an equally good state counts as an improvement",
            "an improvement is strictly better",
        ),
        Known(
            "unpunished", Reading(unpunished=True), "no answer of the opponents counts",
            "that is so only under Nash stability",
        ),
    )
}  # fmt: skip


def joined_readings() -> Iterator[tuple[Known, Known, Reading]]:
    """Pairs of readings that change different things, and both at once."""
    for one, other in combinations(READINGS.values(), 2):
        both = one.reading.joined(other.reading)
        if both is not None:
            yield one, other, both
