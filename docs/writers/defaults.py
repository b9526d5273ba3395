"""The sections of the command's page about defaults and about completion."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from docs.writers.table import code

from s3_crosscopy.cli.default_values import BY_FLAG_ONLY, OF_ONE_CALL

_DEFAULTS = """\
## Defaults

What a command line leaves out is taken from the environment, then from a file in TOML, then from the built-in default.
A flag `--max-failures` is `S3_CROSSCOPY_MAX_FAILURES` in the environment (an empty variable counts as one that is not
set) and `max_failures` in the file. The file is the one that `--config` names, else the one of `S3_CROSSCOPY_CONFIG`,
else `s3-crosscopy/config.toml` in `$XDG_CONFIG_HOME` or `~/.config`:

```text
profile = "copier"               # for every command
max_failures = "1%"

[copy]                           # for copy, and for plan, doctor and policies, which speak about a copy
exclude = ["*.tmp", "_temporary/*"]
storage_class = "INTELLIGENT_TIERING"
tags = { team = "data" }

[plan]                           # for one command; goes before [copy]
preflight = "light"
```

A name that does not exist, or a value that cannot be, is an error that names the variable or the file. A flag that
a default turned on is turned off for one call by its opposite, such as `--no-dry-run` or `--no-quiet`. A list on the
command line replaces that of the file. `--config /dev/null` reads no file. With `--verbose`, the command prints which
defaults it took, and where from:

```text
default: --profile copier (from 'profile' in /home/me/.config/s3-crosscopy/config.toml)
```
"""

_COMPLETION = """\
## Completion

Bash, zsh and fish complete commands, flags, their values and AWS profiles. This needs `argcomplete`, which every
installation with Airflow has; else `pip install argcomplete`. One line in the shell's start file:

| shell | file | line |
| --- | --- | --- |
| bash | `~/.bashrc` | `eval "$(s3-crosscopy completion bash)"` |
| zsh | `~/.zshrc`, after `compinit` | `eval "$(s3-crosscopy completion zsh)"` |
| fish | `~/.config/fish/config.fish` | `s3-crosscopy completion fish \\| source` |
"""


def defaults_section() -> str:
    """The section about defaults, with those that are refused."""
    refused = "\n".join(
        f"- {_names(name for name, why in BY_FLAG_ONLY.items() if why == reason)}: {reason.partition(';')[0]}"
        for reason in dict.fromkeys(BY_FLAG_ONLY.values())
    )
    return (
        f"{_DEFAULTS}\nSome arguments are taken from the command line only, so that no run deletes, or is less safe,"
        f" because of a forgotten file:\n\n- `extraneous` with the value `delete`\n{refused}\n"
        f"- what belongs to one call: {_names(OF_ONE_CALL)}\n"
    )


def completion_section() -> str:
    """The section about completion."""
    return _COMPLETION


def examples_block(lines: Iterable[tuple[str, str]]) -> str:
    """Examples as a block of code."""
    return (
        "<!-- not run: a test parses each of them -->\n```shell\n"
        + "\n".join(f"# {purpose}\n{line}" for purpose, line in lines)
        + "\n```\n"
    )


def is_hidden(action: argparse.Action) -> bool:
    """True for an argument that the help does not show."""
    return action.help == argparse.SUPPRESS


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(code, names))
