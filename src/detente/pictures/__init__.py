"""Pictures: pure functions from a result to SVG."""
