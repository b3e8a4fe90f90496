"""Lint of an agreement of 1,000 commitments, all checks, and the share of each module."""

from __future__ import annotations

import time
from typing import Any

from detente.agreement.lint import lint as linting
from detente.agreement.lint.lint import lint, modules
from detente.agreement.lint.read import Read
from detente.agreement.model import Agreement

SIZE, MOST = 1_000, 5.0
WORDS = ("Hands over report {n}.", "Works toward a lasting peace, stage {n}.", "Removes all the fuel of site {n}.")


def agreement_of(size: int) -> dict[str, Any]:
    """Two parties; each commitment waits for one or two before it; limits, dates, powers, swaps and suspensions."""
    return {
        "detente-agreement": 1, "name": "bench", "zone": "Europe/Vienna", "as_of": "2020-01-01",
        "parties": {"a": {}, "b": {}}, "bodies": {"inspectors": {}, "panel": {"role": "arbiter"}},
        "quantities": {"stock": {"unit": "kg"}},
        "groups": {f"swap-{n}": [f"c{n}", f"c{n + 1}"] for n in range(0, size - 1, 100)},
        "commitments": {f"c{n}": _commitment(n) for n in range(size)},
        "powers": {
            f"p{n}": {"holder": "ab"[n % 2], "may": "suspend", "targets": [f"c{n + 1}"], "when": f"breached(c{n})",
                      "expires": {"within": "3 months"}}
            for n in range(0, size - 1, 50)
        },
        "dispute": {"window": "30 days", "body": "panel"},
        "sunset": "2035-01-01",
    }  # fmt: skip


def _commitment(n: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "title": f"Step {n}",
        "obligors": "ab"[n % 2],
        "action": {"text": WORDS[n % 3].format(n=n)},
    }
    if n % 5 == 2:
        found |= {"modality": "maintain", "action": {"quantity": "stock", "op": "<=", "amount": 300}}
    if n % 3:
        found["verification"] = [
            {"by": "inspectors", "method": "seals", "detects": "0.8", "lag": "20 days", "evidence": ["document"]}
        ]
    else:
        found["claim_ok"] = True
    before = [f"verified(c{m})" if m % 3 else f"fulfilled(c{m})" for m in (n - 2, n // 2) if 0 <= m < n and m % 5 != 2]
    joint = [f"joint(swap-{n - n % 100})"] if n % 100 < 2 else []
    found["trigger"] = " and ".join(["in_force", *dict.fromkeys(before), *joint])
    if n % 4 != 3:
        found["deadline"] = {"within": "3 months"} if n % 4 else f"202{n % 9}-06-01"
    if n % 2:
        found["on_breach"] = [
            {
                "effect": "suspend",
                "targets": [f"c{max(n - 1, 0)}"],
                "automatic": True,
                "resume_when": f"fulfilled(c{n})",
            }
        ]
    return found


def run() -> None:
    """Print the times."""
    agreement = Agreement.from_dict(agreement_of(SIZE))
    begun = time.perf_counter()
    report = lint(agreement)
    took = time.perf_counter() - begun
    print(f"lint, {SIZE:,} commitments, {len(report.findings):,} findings: {took:.2f} s (at most {MOST:g})")
    read = Read.of(agreement)
    for module in modules():
        begun = time.perf_counter()
        for check in module.CHECKS:
            list(check(read))
        name = module.__name__.removeprefix(linting.__name__.rpartition(".")[0] + ".")
        print(f"  {name:<16} {time.perf_counter() - begun:6.2f} s")


if __name__ == "__main__":
    run()
