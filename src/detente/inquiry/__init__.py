"""Questions put to a case: a session compiles once, runs questions in the right order and remembers."""
