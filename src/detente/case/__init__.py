"""What the user wrote: the case file, its conditions, numbers, blocks and changes."""
