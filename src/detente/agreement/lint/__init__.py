"""Static checks of an agreement: whether it is specific, and whether it can be executed."""
