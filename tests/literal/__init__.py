"""An independent oracle: the definitions of the graph model taken literally, slowly, from a case as a plain dict.

Nothing here imports detente. What the product computes by clever means is compared with what these modules compute
by doing exactly what the definitions say.

- ``conditions``: what a condition or a pattern says about one combination of levels
- ``states``: feasible combinations, merged states, numbers, keys, moves
- ``preferences``: ranks from utilities, rankings and priorities
- ``definitions``: legal sequences, the five solution concepts, the status quo, wrong readings of the definitions
- ``witnesses``: does a witness prove its verdict?
- ``answers``: all of it as one document, and the differences between two documents
- ``mutants``: six implementations that each contain one classical error
- ``generate``: random cases
- ``published``, ``expected``: cases of the literature and what is known about them
"""
