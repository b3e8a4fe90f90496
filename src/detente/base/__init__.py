"""Errors, results, tables and wording: what every room stands on."""
