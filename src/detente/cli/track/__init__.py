"""``detente track``: one action per question to an agreement and its ledger."""

from __future__ import annotations

from importlib import import_module

import click

__all__ = ["ACTIONS", "command"]

# action: (module, what it answers)
ACTIONS = {
    "record": ("writing", "Add what happened to the ledger."),
    "status": ("state", "What has been kept, broken, disputed, at a date, as known at another."),
    "next": ("state", "What is due next, for whom, and the last useful day of each power."),
    "history": ("state", "What became of every commitment, step by step, and why."),
    "what-if": ("state", "What would change if this happened (nothing is recorded)."),
    "exposure": ("state", "How much each side stands to lose if the other stops."),
    "matrix": ("sheets", "The implementation matrix as a workbook, and its status column read back."),
    "calendar": ("sheets", "Deadlines, reviews and powers for a calendar program (.ics)."),
    "verify": ("reading", "Does the chain of the ledger hold, also against a head that was published?"),
    "head": ("reading", "The head to publish, so that later changes can be found."),
    "export": ("reading", "The ledger as JSON Lines, to send and to archive."),
    "import": ("writing", "A ledger from JSON Lines, every line checked."),
    "keygen": ("writing", "A key with which a party signs heads."),
}


class Actions(click.Group):
    """Loads an action's module only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All actions, in the order of use."""
        del ctx
        return list(ACTIONS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The action's command."""
        del ctx
        if cmd_name not in ACTIONS:
            return None
        module = import_module(f"detente.cli.track.{ACTIONS[cmd_name][0]}")
        found: click.Command = module.COMMANDS[cmd_name]
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line per action, without importing any."""
        del ctx
        with formatter.section("Actions"):
            formatter.write_dl([(name, told) for name, (_, told) in ACTIONS.items()])


@click.group("track", cls=Actions)
def command() -> None:
    """What has been kept, broken, disputed, as known when: an agreement and its ledger.

    FILE is an agreement file (*.agreement.yaml) or the name of a catalog agreement; its ledger is FILE.ledger.sqlite
    unless --ledger names another, or an address postgresql://... Of a catalog agreement without a ledger here, what the
    catalog records of it is shown.
    """
