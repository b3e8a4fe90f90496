"""The command line: one file per verb, thin; nothing heavy is imported before a verb runs."""

from __future__ import annotations

import re
import sys
from importlib import import_module

import click

from detente.base.errors import EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_USAGE, DetenteError, Problem, did_you_mean, shown
from detente.base.version import VERSION
from detente.cli.output import print_error

__all__ = ["VERBS", "Verbs", "main", "program"]

VERBS = {
    "check": "Is my case well formed? Findings with file, line and column.",
    "states": "What states does it have? The option table.",
    "stability": "Which outcomes would hold once reached, and why?",
    "forecast": "What can we expect of the next round? Chances, what drives them, what to watch.",
    "compare": "Does a published table, or another tool's file, say the same?",
    "settle": "What could all sides accept? Zone, best deals, or what opens one.",
    "ratify": "Would it pass at home? Votes, win-set, and until when.",
    "plan": "In what order, with what safeguards? Steps nobody gains by abandoning.",
    "draft": "Put it in writing: an agreement file from a plan, its gaps marked.",
    "lint": "What does an agreement lack, and could it be carried out? Findings with place and repair.",
    "track": "What has been kept, broken, disputed, as known when?",
    "brief": "All of it in one document, and a terminal summary.",
    "catalog": "The shipped cases and agreements.",
    "init": "Write a commented starter case, or agreement.",
    "convert": "Write another program's file as a case file.",
    "schema": "JSON Schema of the case file, of the agreement file, or of an answer.",
}


class Verbs(click.Group):
    """Loads a verb's module only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, in the order of a day's work."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, or an error with the nearest name."""
        del ctx
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"detente.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line per verb, without importing any."""
        del ctx
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="detente")
def program() -> None:
    """Answer what to expect of the next round, and how the sides can break the stalemate.

    Every verb takes a CASE: the path of a case file, - for standard input, or the name of a catalog case.
    Start with: detente brief korea-2019
    """


def main() -> None:
    """Run the command line; every outcome has its exit status, and no user sees a traceback without --debug."""
    as_json = "--json" in sys.argv
    try:
        sys.exit(program(standalone_mode=False) or 0)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("Interrupted.\n")
        sys.exit(EXIT_INTERRUPTED)
    except click.UsageError as error:
        print_error([_usage(error)], as_json=as_json)
        sys.exit(EXIT_USAGE)
    except DetenteError as error:
        print_error(error.problems(), as_json=as_json)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        found = f"an internal error ({type(error).__name__}: {shown(error, 200)})"
        fix = "This is a fault of detente, not of your file. Run again with --debug and report what it prints."
        print_error([Problem(found, "an answer", fix)], as_json=as_json)
        sys.exit(EXIT_INTERNAL)


RANGE = re.compile(r"not in the range (\d+)<=x<=(\d+)")


def _usage(error: click.UsageError) -> Problem:
    text = error.format_message().replace("is not a valid integer range", "is no whole number")
    text = RANGE.sub(lambda m: f"not from {int(m[1]):,} to {int(m[2]):,}", text)
    fix = ""
    if "No such command" in text and error.ctx is not None:
        word = text.split("'")[1] if "'" in text else ""
        fix = did_you_mean(word, list(VERBS)) or f"The verbs are {', '.join(VERBS)}."
    elif error.ctx is not None:
        fix = f"See {error.ctx.command_path} --help."
    return Problem(f"a command that cannot be read ({text.rstrip('.')})", "a verb and its options", fix)
