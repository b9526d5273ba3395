"""Files and folders that others can write: what is in them is not acted upon, and nothing is written among it."""

from __future__ import annotations

import os
import stat

ROOT = 0


def distrusted(found: os.stat_result) -> str:
    """Why others may have written a file or a folder, in words that go on after its name; "" where they cannot.

    Its owner has to be this process's user, or root, who could do anything anyway. Its group may write it if that is
    this process's own group: with the umask 002 of many systems, and of Airflow's images, all files are made so. A
    sticky bit does not help: it keeps others from deleting, not from adding.
    """
    if found.st_uid not in (os.geteuid(), ROOT):
        return f"belongs to another user (uid {found.st_uid})"
    if found.st_mode & stat.S_IWOTH:
        return "may be written by every user"
    if found.st_mode & stat.S_IWGRP and found.st_gid != os.getegid():
        return f"may be written by another group (gid {found.st_gid})"
    return ""


def distrusted_link(path: str) -> str:
    """The same of a symbolic link: whoever owns it says where it leads. "" where it is none, or nothing is there."""
    try:
        found = os.lstat(path)
    except OSError:
        return ""
    foreign = stat.S_ISLNK(found.st_mode) and found.st_uid not in (os.geteuid(), ROOT)
    return f"is a link of another user (uid {found.st_uid})" if foreign else ""
