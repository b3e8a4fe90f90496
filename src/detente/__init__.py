"""detente answers two questions on a stalled negotiation: what to expect of the next round, and how to break it.

>>> import detente
>>> case = detente.load("prisoners-dilemma")
>>> answer = detente.Session(case).ask("stability")
>>> answer.equilibria("nash")
('s4',)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detente.base.errors import CaseError, DetenteError, LimitReached, MissingExtra, Problem, UsageError
from detente.base.version import VERSION

if TYPE_CHECKING:
    from detente.case.change import Change
    from detente.case.model import Case
    from detente.formats.reading import load
    from detente.inquiry.session import Session

__all__ = [
    "Case",
    "CaseError",
    "Change",
    "DetenteError",
    "LimitReached",
    "MissingExtra",
    "Problem",
    "Session",
    "UsageError",
    "__version__",
    "load",
]

__version__ = VERSION

_LAZY = {
    "Case": "detente.case.model",
    "Change": "detente.case.change",
    "Session": "detente.inquiry.session",
    "load": "detente.formats.reading",
}


def __getattr__(name: str) -> Any:
    """Import the heavier names on first use, so that ``detente --help`` stays quick."""
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'detente' has no attribute {name!r}")
