"""What can we expect: the dynamics of a case, exact shares of its outcomes, and how uncertain they are."""
