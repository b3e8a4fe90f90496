"""The conflict graph: states, moves and ranks, and what can be reached in it."""
