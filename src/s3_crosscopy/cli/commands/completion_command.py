"""`s3-crosscopy completion`: prints the code that makes a shell complete the command."""

from __future__ import annotations

import argparse

from s3_crosscopy.cli.command_parser import PROGRAM
from s3_crosscopy.cli.command_table import Example
from s3_crosscopy.cli.completion import SHELLS
from s3_crosscopy.cli.exit_codes import ExitCode
from s3_crosscopy.cli.output import say
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model import option_parsers as parse

NOT_INSTALLED = "completion: needs argcomplete, which is not installed here; pip install argcomplete"

EXAMPLES = (
    Example("in ~/.bashrc", 'eval "$(s3-crosscopy completion bash)"'),
    Example("in ~/.zshrc, after compinit", 'eval "$(s3-crosscopy completion zsh)"'),
    Example("in ~/.config/fish/config.fish", "s3-crosscopy completion fish | source"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the shell."""
    parser.add_argument("shell", metavar="SHELL", help=f"one of {', '.join(SHELLS)}")


def run(namespace: argparse.Namespace) -> int:
    """Print the code; returns the exit code."""
    shell = parse.Choice(*SHELLS)("SHELL", namespace.shell)
    try:
        from argcomplete.shell_integration import shellcode
    except ImportError:
        raise InvalidInput(NOT_INSTALLED) from None
    say(shellcode([PROGRAM], shell=shell))
    return ExitCode.DONE
