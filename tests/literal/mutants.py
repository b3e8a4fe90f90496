"""Six implementations, each with one classical error; the suite must tell every one of them from the right one."""

from collections.abc import Callable

from tests.literal.answers import Document, stability_document
from tests.literal.definitions import Reading, equilibria
from tests.literal.states import CaseDict

Mutant = Callable[[CaseDict], Document]


def gmr_by_improvements_only(case: CaseDict) -> Document:
    """GMR computed as SEQ: sanctions that hurt the sanctioner are overlooked."""
    return _one_concept_as_another(case, "gmr", "seq")


def smr_without_the_last_move(case: CaseDict) -> Document:
    """SMR computed as GMR: the party's way out after the sanction is overlooked."""
    return _one_concept_as_another(case, "smr", "gmr")


def sseq_without_the_last_move(case: CaseDict) -> Document:
    """SSEQ computed as SEQ: the party's way out after the sanction is overlooked."""
    return _one_concept_as_another(case, "sseq", "seq")


def each_opponent_once(case: CaseDict) -> Document:
    """Every opponent moves at most once: longer legal sequences are overlooked."""
    return stability_document(case, Reading(sequences="each once"))


def strict_sanction(case: CaseDict) -> Document:
    """A sanction must be strictly worse than the state that was left: an equally good one is overlooked."""
    return stability_document(case, Reading(strict=True))


def no_last_mover_rule(case: CaseDict) -> Document:
    """The same party may move twice in a row: sequences that are not legal are counted."""
    return stability_document(case, Reading(sequences="free"))


MUTANTS: tuple[Mutant, ...] = (
    gmr_by_improvements_only,
    smr_without_the_last_move,
    sseq_without_the_last_move,
    each_opponent_once,
    strict_sanction,
    no_last_mover_rule,
)


def _one_concept_as_another(case: CaseDict, concept: str, other: str) -> Document:
    document = stability_document(case)
    stable = {**document["stable"], concept: document["stable"][other]}
    ids = [state["id"] for state in document["states"]]
    return {**document, "stable": stable, "equilibria": equilibria(stable, ids)}
