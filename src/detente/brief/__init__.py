"""The brief: every answer narrated, as one page."""
