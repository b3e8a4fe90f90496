"""The blocks of the case file, one file each: pydantic models with their cross-checks beside them."""
