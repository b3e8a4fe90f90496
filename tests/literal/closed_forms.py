"""Closed forms of the theory of plans, and the brute force to compare them with. Nothing of detente is imported."""

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations

Ints = Sequence[int]
Item = tuple[int, int]

# --- safe exchange ---------------------------------------------------------------------------------------------------
# cost[x], worth[x]: of the first x units delivered; price: in all; bonds: what vanishing costs supplier and demander.


def corridor(cost: Ints, worth: Ints, price: int, bonds: tuple[float, float], x: int) -> tuple[float, float]:
    """The least and the most that may have been paid when x units are delivered."""
    supplier, demander = bonds
    return price - (worth[-1] - worth[x]) - demander, price - (cost[-1] - cost[x]) + supplier


def inside(cost: Ints, worth: Ints, price: int, bonds: tuple[float, float], x: int, paid: int) -> bool:
    """Whether neither gains by vanishing."""
    gain_s = (price - paid) - (cost[-1] - cost[x])
    gain_d = (worth[-1] - worth[x]) - (price - paid)
    return gain_s >= -bonds[0] and gain_d >= -bonds[1]


def greedy_deliveries(cost: Ints, worth: Ints, price: int, bonds: tuple[float, float]) -> int | None:
    """Fewest deliveries: before each, all is paid that may be, then all is delivered that may be. None if stuck."""
    units, x, paid, count = len(cost) - 1, 0, 0, 0
    if not inside(cost, worth, price, bonds, 0, 0):
        return None
    while x < units:
        paid = max(paid, min(price, math.floor(corridor(cost, worth, price, bonds, x)[1])))
        further = [y for y in range(x + 1, units + 1) if corridor(cost, worth, price, bonds, y)[0] <= paid]
        if not further:
            return None
        x, count = max(further), count + 1
    return count


def greedy_moves(cost: Ints, worth: Ints, price: int, bonds: tuple[float, float]) -> int | None:
    """Fewest moves: payments and deliveries in turn, each as far as may be; the better of beginning with either."""
    counts = []
    for paying_first in (True, False):
        x, paid, count, paying = 0, 0, 0, paying_first
        while (x, paid) != (len(cost) - 1, price) and count <= 2 * (len(cost) + price):
            if paying:
                paid = max(paid, min(price, math.floor(corridor(cost, worth, price, bonds, x)[1])))
            else:
                x = max([y for y in range(x, len(cost)) if corridor(cost, worth, price, bonds, y)[0] <= paid])
            count, paying = count + 1, not paying
        if (x, paid) == (len(cost) - 1, price):
            counts.append(count)
    return min(counts) if counts and inside(cost, worth, price, bonds, 0, 0) else None


def staircases(cost: Ints, worth: Ints, price: int, bonds: tuple[float, float]) -> tuple[int, int] | None:
    """Fewest deliveries, and fewest moves, over all staircases of whole payments; None if there is none."""
    units = len(cost) - 1
    found = []
    for measure in ((0, 1), (1, 1)):  # worth of a payment and of a delivery in the count
        left = {(units, price): 0}
        for x in range(units, -1, -1):
            for paid in range(price, -1, -1):
                if (x, paid) == (units, price) or not inside(cost, worth, price, bonds, x, paid):
                    continue
                counts = [left[x, p] + measure[0] for p in range(paid + 1, price + 1) if (x, p) in left]
                counts += [left[y, paid] + measure[1] for y in range(x + 1, units + 1) if (y, paid) in left]
                if counts:
                    left[x, paid] = min(counts)
        if (0, 0) not in left:
            return None
        found.append(left[0, 0])
    return found[0], found[1]


# --- independent items: pairs (cost, worth) --------------------------------------------------------------------------


def bond_of_order(items: Sequence[Item]) -> int:
    """The bond that an order of deliveries needs: no item may cost more than what is still to come, plus the bond."""
    need = 0
    for n, (cost, _) in enumerate(items):
        need = max(need, cost - sum(v - c for c, v in items[n + 1 :]))
    return need


def best_items(items: Sequence[Item]) -> list[Item]:
    """The order of deliveries with the smallest bond, built from the end."""
    gaining = sorted((i for i in items if i[1] >= i[0]), key=lambda i: i[0])
    losing = sorted((i for i in items if i[1] < i[0]), key=lambda i: -i[1])
    return [*gaining, *losing][::-1]


def smallest_bond(items: Sequence[Item]) -> int:
    """The smallest bond of all orders, by trying them all."""
    return min(bond_of_order(order) for order in permutations(items))


# --- gradualism ------------------------------------------------------------------------------------------------------


def rising(delta: float, count: int) -> list[float]:
    """Lockwood and Thomas: efforts of which each makes the other just willing to go on."""
    efforts = [delta / 2]
    while len(efforts) < count:
        efforts.append(delta / 2 + efforts[-1] ** 2 / (2 * delta))
    return efforts


def last_contributions(delta: float, prize: float, count: int) -> list[float]:
    """Admati and Perry, linear cost: the contributions, the last first."""
    later = [delta ** (2 * k - 3) * (1 - delta**2) * prize for k in range(2, count + 1)]
    return [(1 - delta) * prize, *later]


def contributions_by_induction(delta: Fraction, prize: Fraction, grid: int, total: int) -> list[int]:
    """What the side to move contributes when n grid units are missing, n = 0..total, by induction on n.

    Two sides alternate. One that is as well off letting the other contribute does it; of equally good contributions it
    makes the smallest (a larger one would make waiting the better course, for both).
    """
    unit = Fraction(prize) / grid
    mover, other, given = [Fraction(0)], [Fraction(0)], [0]  # worth of being on the move, and of not being

    for missing in range(1, total + 1):
        options = []
        for units in range(1, missing + 1):
            left = missing - units
            later = prize if left == 0 else delta * other[left]
            options.append((later - units * unit, -units))
        worth, units = max(options)
        units = -units
        left = missing - units
        waits = prize if left == 0 else delta * mover[left]  # what the one who lets the other contribute has
        if worth < delta * waits:
            mover.append(Fraction(0))
            other.append(Fraction(0))
            given.append(0)
        else:
            mover.append(worth)
            other.append(waits)
            given.append(units)
    return given


# --- enforcement: temptation T > cooperation R > punishment P ---------------------------------------------------------


def threshold(T: float, R: float, P: float, *, lag: float = 1, q: float | None = None, alarm: float = 0.0) -> float:
    """The smallest discount factor that enforces cooperation."""
    if q is None:
        return math.pow((T - R) / (T - P), 1 / lag)
    return (T - R) / ((1 - alarm) * (T - R) + (q - alarm) * (R - P))


# --- bargaining ------------------------------------------------------------------------------------------------------


def attrition_value(quit_at: float, hazard: float, interest: float, mine: float, theirs: float, cost: float) -> float:
    """Worth of holding out until ``quit_at`` against one who gives in at a constant hazard, by the trapezium rule."""
    steps = 20_000
    total, width = 0.0, quit_at / steps
    for n in range(steps + 1):
        t = n * width
        alive = math.exp(-(hazard + interest) * t)
        total += (0.5 if n in {0, steps} else 1.0) * width * alive * (hazard * mine / interest - cost)
    return total + math.exp(-(hazard + interest) * quit_at) * theirs / interest


def offers(delta: tuple[float, float], rounds: int) -> float:
    """Rubinstein's share of the one who offers first, by induction from a last round in which the offerer takes all."""
    first, second = 1.0, 1.0
    for _ in range(rounds):
        first, second = 1 - delta[1] * second, 1 - delta[0] * first
    return first
