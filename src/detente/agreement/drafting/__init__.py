"""From a plan, or a target alone, to the draft of an agreement: what the case says, and a gap for what it does not."""
