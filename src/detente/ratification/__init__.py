"""Would it pass at home? Votes, requirements, win-sets, the window, the worth of promises."""
