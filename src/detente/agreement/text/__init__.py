"""An agreement as a text in controlled English, both ways: written from its file, and read back from what is visible."""
