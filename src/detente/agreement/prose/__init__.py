"""Agreements in prose: sentences and what they seem to say, proposed with their place, never taken as settled."""
