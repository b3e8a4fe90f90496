"""In what order, with what safeguards: steps nobody gains by abandoning, or the proof that there are none."""
