"""Decides if files and folders are trusted: those that others can write are neither read nor written."""

from __future__ import annotations

import os
import stat

ROOT = 0


def distrusted(status: os.stat_result) -> str:
    """The reason why a file or a folder is not trusted, as a text that follows its name; "" if it is.

    Its owner has to be this process's user, or root, who can do anything. Its group may have write permission if it is
    this process's own group: the umask 002 of many systems, and of Airflow's images, makes all files so. A sticky bit
    is no protection: it stops others from deleting files, not from adding some.
    """
    if status.st_uid not in (os.geteuid(), ROOT):
        return f"belongs to another user (uid {status.st_uid})"
    if status.st_mode & stat.S_IWOTH:
        return "may be written by every user"
    if status.st_mode & stat.S_IWGRP and status.st_gid != os.getegid():
        return f"may be written by another group (gid {status.st_gid})"
    return ""


def distrusted_link(path: str) -> str:
    """The reason why a symbolic link is not trusted: its owner sets its target. "" if it is none, or not there."""
    try:
        status = os.lstat(path)
    except OSError:
        return ""
    foreign = stat.S_ISLNK(status.st_mode) and status.st_uid not in (os.geteuid(), ROOT)
    return f"is a link of another user (uid {status.st_uid})" if foreign else ""
