"""One module per verb: each narrates one answer."""
