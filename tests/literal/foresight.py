"""Limited moves as they are defined, with the sets of states in which play may end, and wrong readings of them."""

from dataclasses import dataclass

from tests.literal.definitions import Model

Ends = frozenset[str]
Known = tuple[str, str, int]
WORST, BEST = "pessimistic", "optimistic"


@dataclass(frozen=True)
class Reading:
    """How the definitions are read; the default is right, everything else is an error."""

    stays_if_equal: bool = True
    """A party stays where moving is only as good as staying."""
    passing: bool = False
    """To move to where one is, so that the others go on from there, counts as a move."""
    first_of_equals: bool = False
    """Of equally good moves one is taken: the first."""
    twice: bool = False
    """With three or more parties: the one that has moved may move again at once."""
    any_mover: bool = False
    """With three or more parties: all who would move count, not only those whose move is worst for the mover."""
    standstill: bool = False
    """With three or more parties: that the others all stay is always possible too."""


RIGHT = Reading()


class Foresight:
    """What becomes of the states of a model when its parties look ahead.

    ``version`` is how equally good moves of others are valued: by the worst or the best of what may come of them.
    """

    def __init__(self, model: Model, version: str = WORST, reading: Reading = RIGHT) -> None:
        self.model = model
        self.version = version
        self.reading = reading
        self.ids = model.space.ids
        owners = {option.party for option in model.space.options}
        self.movers = [party for party in model.space.parties if party in owners]
        self._moves: dict[Known, list[str]] = {}
        self._ends: dict[Known, Ends] = {}
        self._after: dict[Known, Ends] = {}
        self._value: dict[tuple[str, Ends], int] = {}

    def value(self, party: str, ends: Ends) -> int:
        """How a party values that play ends in one of these states, it does not know which."""
        if (party, ends) not in self._value:
            ranks = [self.model.ranks[party][state] for state in ends]
            self._value[party, ends] = min(ranks) if self.version == WORST else max(ranks)
        return self._value[party, ends]

    def ends(self, mover: str, state: str, left: int) -> Ends:
        """A_h(k, s): the states in which play may end when ``mover`` is to move with so many moves left."""
        known = (mover, state, left)
        if known not in self._ends:
            moves = self.best_moves(mover, state, left)
            after = [self.after(mover, target, left - 1) for target in moves]
            self._ends[known] = frozenset().union(*after) if moves else frozenset({state})
        return self._ends[known]

    def best_moves(self, mover: str, state: str, left: int) -> list[str]:
        """The moves that end best for the mover, if they end better for it than staying; else none."""
        known = (mover, state, left)
        if known not in self._moves:
            self._moves[known] = self._best_moves(mover, state, left)
        return self._moves[known]

    def _best_moves(self, mover: str, state: str, left: int) -> list[str]:
        here = self.model.ranks[mover][state]
        if left == 0:
            return []
        targets = self.model.moves(mover, state) | ({state} if self.reading.passing else set())
        values = {
            target: self.value(mover, self.after(mover, target, left - 1)) for target in sorted(targets, key=_number)
        }
        best = max(values.values(), default=-1)
        if best < here or (best == here and self.reading.stays_if_equal):
            return []
        chosen = [target for target, value in values.items() if value == best]
        return chosen[:1] if self.reading.first_of_equals else chosen

    def stays(self, mover: str, state: str, left: int) -> bool:
        """Whether the mover stays."""
        return not self.best_moves(mover, state, left)

    def after(self, mover: str, target: str, left: int) -> Ends:
        """C_h(t; k): the states in which play may end once ``mover`` has moved to ``target``."""
        known = (mover, target, left)
        if known not in self._after:
            self._after[known] = self._after_move(mover, target, left)
        return self._after[known]

    def _after_move(self, mover: str, target: str, left: int) -> Ends:
        others = [party for party in self.movers if self.reading.twice or party != mover]
        if len(self.movers) <= 2:
            others = [party for party in self.movers if party != mover]
            return self.ends(others[0], target, left) if others else frozenset({target})
        moving = [party for party in others if not self.stays(party, target, left)]
        if not moving:
            return frozenset({target})
        possible = {party: self.ends(party, target, left) for party in moving}
        worst = min(self.value(mover, ends) for ends in possible.values())
        counted = [ends for ends in possible.values() if self.reading.any_mover or self.value(mover, ends) == worst]
        if self.reading.standstill:
            counted.append(frozenset({target}))
        return frozenset().union(*counted)

    def stable(self, party: str, left: int) -> list[str]:
        """L_h: the states that a party does not leave."""
        if party not in self.movers:
            return list(self.ids)
        return [state for state in self.ids if self.stays(party, state, left)]

    def table(self, left: int) -> dict[str, list[str]]:
        """Party -> the states that it does not leave."""
        return {party: self.stable(party, left) for party in self.model.space.parties}

    def cycle(self) -> range:
        """The horizons of the first round of the values of the ends.

        The values of all sets of ends with h moves left decide what happens with h + 1, and so for ever.
        """
        seen: dict[tuple[int, ...], int] = {}
        left = 1
        while (picture := self._values(left)) not in seen:
            seen[picture] = left
            left += 1
        return range(seen[picture], left)

    def _values(self, left: int) -> tuple[int, ...]:
        return tuple(
            self.value(other, self.ends(party, state, left))
            for party in self.movers
            for state in self.ids
            for other in self.movers
        )

    def non_myopic(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Party -> the states where it stays at every horizon from some on, and at some of them for ever again."""
        horizons = self.cycle()
        always: dict[str, list[str]] = {}
        sometimes: dict[str, list[str]] = {}
        for party in self.model.space.parties:
            if party not in self.movers:
                always[party], sometimes[party] = list(self.ids), []
                continue
            stays = {state: [self.stays(party, state, left) for left in horizons] for state in self.ids}
            always[party] = [state for state in self.ids if all(stays[state])]
            sometimes[party] = [state for state in self.ids if any(stays[state]) and not all(stays[state])]
        return always, sometimes

    def stackelberg(self, leader: str) -> list[str]:
        """L_2 for the leader, Nash for the other."""
        follower = next(party for party in self.movers if party != leader)
        return [state for state in self.stable(leader, 2) if not self.model.improvements(follower, state)]


def _number(state: str) -> int:
    return int(state[1:])
