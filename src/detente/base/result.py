"""What every answer carries: provenance, a JSON form, a table form and a readable repr."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from detente.base.table import Table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an answer comes from.

    Attributes:
        case: name of the case.
        digest: ``sha256:...`` of the case as asked, after all changes.
        view: name of the view asked, or None for the base.
        types: type used for every party that has types.
        changes: the edits applied, as (path, value) text pairs.
        parameters: what the question was asked with.
        seed: seed of the draws, or None if nothing was drawn.
        exact: False if the answer is sampled.
        warnings: what the reader must know about the answer.
    """

    case: str
    digest: str
    view: str | None = None
    types: dict[str, str] = field(default_factory=dict)
    changes: tuple[tuple[str, str], ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    seed: int | None = None
    exact: bool = True
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """Base of all answers: frozen data with provenance.

    Subclasses give ``to_dict`` (the JSON contract) and ``table`` (the rows a reader wants first).
    """

    provenance: Provenance

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract of the verb, without the envelope."""
        raise AssertionError(type(self))  # pragma: no cover - every answer defines its own

    def table(self) -> Table:
        """The rows a reader wants first."""
        raise AssertionError(type(self))  # pragma: no cover - every answer defines its own

    def to_frame(self) -> pd.DataFrame:
        """The table as a pandas data frame.

        Raises:
            MissingExtra: pandas is not installed.
        """
        return self.table().to_frame()

    def __repr__(self) -> str:
        return str(self.table())

    def _repr_html_(self) -> str:
        return self.table().to_html()
