"""``greycloak completion``: what a shell needs to complete commands, options and files."""

from __future__ import annotations

import argparse
from functools import partial

from greycloak.cli.common import EXIT_DONE, Commands, UsageError

_SHELLS = ("bash", "zsh", "tcsh")
_EPILOG = """\
examples:
  greycloak completion bash > ~/.local/share/bash-completion/completions/greycloak
  greycloak completion zsh > /usr/local/share/zsh/site-functions/_greycloak
"""


def add_completion(commands: Commands, parser: argparse.ArgumentParser) -> None:
    """Add the command to the command line.

    Parameters
    ----------
    commands : Commands
        Where commands are added.
    parser : ArgumentParser
        The whole command line: what is completed.
    """
    completion = commands.add_parser(
        "completion",
        help="print a script for your shell that completes commands and options",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    completion.add_argument("shell", choices=_SHELLS)
    completion.set_defaults(run=partial(_complete, parser))


def _complete(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    try:
        import shtab  # noqa: PLC0415  not in Slicer, where nobody completes
    except ImportError:
        raise UsageError("this needs shtab: pip install shtab") from None
    print(shtab.complete(parser, shell=options.shell))
    return EXIT_DONE
