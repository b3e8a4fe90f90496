"""The version of detente, written here and nowhere else."""

VERSION = "0.1.0"
