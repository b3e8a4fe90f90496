"""An agreement as a text in controlled English, both ways: written from a file, read back from what is visible."""
