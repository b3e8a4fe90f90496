"""Benchmarks: ratios measured in one process, against sorting as the unit."""
