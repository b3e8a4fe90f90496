"""``make bench``: prints ratios; record them in RESULTS.md with the date and the commit.

The unit is one ``np.argsort(kind="stable")`` of as many random int32 as there are states; a unit-set is one unit per
party. Times are the best of five, warmed, in one process; the largest case has a process of its own.
"""

from __future__ import annotations

from bench import (
    agreement_fold,
    agreement_lint,
    commands,
    forecast,
    plan_milp,
    sets,
    settlement,
    settlement_any_size,
    settlement_drawn,
    stability,
)
from bench.measure import alone, load


def main() -> None:
    """Run everything."""
    print(load())
    stability.run()
    alone("stability")
    alone("plan_bottleneck")
    sets.run()
    settlement.run()
    settlement_any_size.run()
    settlement_drawn.run()
    plan_milp.run()
    forecast.run()
    agreement_fold.run()
    agreement_lint.run()
    commands.run()


if __name__ == "__main__":
    main()
