"""Which outcomes would hold once reached, and why: solution concepts of the graph model, with witnesses."""
