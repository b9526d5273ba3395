"""Answers to words and flags of other tools (`cp`, `--recursive`) with those of this command."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence

from s3_crosscopy.cli.command_parser import PROGRAM

_COPIES = ("cp", "sync", "mirror", "clone", "transfer")
_OF_PREFIXES = ("sync", "mirror", "clone")
"""The commands of other tools whose places are prefixes, also without a slash at the end."""
_RECURSIVE = ("--recursive", "-r")
_PLACES = ("s3://source-bucket/in/", "s3://dest-bucket/out/")
_MOVES = "no source is ever deleted; copy, look at the result, then delete the source with `aws s3 rm --recursive`"
_OTHERS: Mapping[str, str] = {
    "ls": f"this command lists nothing; `aws s3 ls` does, and `{PROGRAM} plan SOURCE DEST` shows what a copy would do",
    "rm": "this command deletes only what a mirror leaves over (copy --extraneous delete); `aws s3 rm` deletes objects",
    "version": f"{PROGRAM} --version prints it",
    "verify": f"a copy verifies itself; `{PROGRAM} copy --verification listing` compares both sides again at the end",
    "check": f"`{PROGRAM} doctor SOURCE DEST` examines the access, `{PROGRAM} plan SOURCE DEST` compares both sides",
    "diff": f"`{PROGRAM} plan SOURCE DEST` shows what differs",
    "resume": "give the same `copy` with the same --checkpoint again: it copies what remains",
    "restore": f"`{PROGRAM} undelete REPORT` takes back what a mirror deleted",
}
_FLAGS: Mapping[str, str] = {
    "--recursive": "leave it out; a SOURCE that ends in '/' is copied with everything under it",
    "--dryrun": "the flag is --dry-run, or -n",
    "--delete": "the flag is --extraneous delete; see the page Mirror",
    "--acl": "the flag is --acl-policy",
    "--sse": "the flag is --kms-encryption-type",
    "--sse-kms-key-id": "the flag is --kms-key-id",
    "--size-only": "the flag is --compare size",
    "--exact-timestamps": "the flag is --compare mtime",
    "--metadata-directive": "the flag is --metadata: keep, drop, or what replaces it",
    "--copy-props": "leave it out; a copy keeps metadata and tags, see --metadata and --tags",
    "--only-show-errors": "the flag is --quiet, or -q",
    "--no-progress": "the flag is --quiet, or -q",
    "--debug": "the flag is --verbose, or -v",
    "--bwlimit": "the copies are made by S3, so no bytes pass here; see --max-requests-per-second",
    "--concurrency": "the flag is --max-concurrency",
    "--transfers": "the flag is --max-concurrency",
    "--checksum": "the flag is --compare checksum",
    "--update": "leave it out; only what changed is copied, see --overwrite",
}


def unknown_command(word: str, rest: Sequence[str], commands: Sequence[str]) -> str:
    """The line for a word that is no command. `rest`: the arguments after it."""
    from s3_crosscopy.model.option_parsers import near

    if word in _COPIES:
        return f"{PROGRAM} copies with `copy`: {_copy(word, rest)}"
    if word in ("mv", "move"):
        return f"{word}: {_MOVES}: {_copy(word, rest)}"
    if word in _OTHERS:
        return f"{word}: {_OTHERS[word]}"
    if word.startswith("s3://"):
        return f"the command is missing before {word}; to copy: {_call('copy', word, *rest)}"
    return f"{word}: no such command{near(word, commands) or '; there are ' + ', '.join(commands)}"


def flag_first(argv: Sequence[str], commands: Iterable[str]) -> str:
    """The line for a flag that stands before the command, as other tools have it."""
    command = next((word for word in argv if word in set(commands)), "")
    if not command:
        return f"{argv[0]}: a command comes first: {PROGRAM} COMMAND [OPTION]...; see {PROGRAM} --help"
    place = argv.index(command)
    return f"{argv[0]}: a flag stands after the command: {_call(command, *argv[place + 1 :], *argv[:place])}"


def unknown_flag(flag: str, flags: Iterable[str]) -> str:
    """The line for an argument that a command does not take. `flags`: those that it takes."""
    from s3_crosscopy.model.option_parsers import near

    if not flag.startswith("-"):
        return f"{flag}: is one argument too many; if the shell made it of a glob, quote the glob"
    hint = f"; {_FLAGS[flag]}" if flag in _FLAGS else near(flag, flags)
    return f"{flag}: no such argument{hint}"


def _copy(word: str, rest: Sequence[str]) -> str:
    """The call of `copy` with the arguments of another tool's command."""
    words = [argument for argument in rest if argument not in _RECURSIVE]
    if word in _OF_PREFIXES or len(words) < len(rest):
        words = [f"{argument.rstrip('/')}/" if argument.startswith("s3://") else argument for argument in words]
    return _call("copy", *(words or _PLACES))


def _call(*words: str) -> str:
    return f"{PROGRAM} {shlex.join(words)}"
