"""Agreements as living objects: their text as data, their ledger, and what has been kept or broken, as known when."""
