"""``detente convert``."""

from __future__ import annotations

import sys

import click

from detente.cli.output import deliver, suffix_of


@click.command("convert")
@click.argument("file", metavar="FILE")
@click.option("-o", "--output", metavar="FILE", help="Write to a case file (.yaml).")
@click.option("--debug", is_flag=True, hidden=True)
def command(file: str, output: str | None, debug: bool) -> None:
    """Write FILE, a case in any readable format, as a case file; what is lost is told."""
    del debug
    suffix_of(output, (".yaml", ".yml"))
    from detente.formats.reading import open_file
    from detente.formats.writing import case_yaml

    opened = open_file(file)
    for loss in opened.losses:
        sys.stderr.write(f"warning: {loss}\n")
    for group in opened.coalitions:
        members = "+".join(group)
        sys.stderr.write(f"note: the file treats {members} as one: ask with --structure {members}\n")
    deliver(case_yaml(opened.case), output)
