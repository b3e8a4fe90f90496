"""What all sides could accept: the zone of agreement, the frontier, the deals that stand out, or why there is none."""
