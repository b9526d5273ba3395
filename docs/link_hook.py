"""A hook of mkdocs: what pages link to outside of docs/ is copied into the site, below `outside/`.

The links stay those of the repository, so that they work there too.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FOLDER = "outside"

_LINK = re.compile(r"\]\(((?:\.\./)+[^)#\s]+)")
_SHOWS = re.compile(r'--8<-- "(\w+\.md)"\s*')
_ROOT_LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")


def on_files(files: Any, *, config: Any) -> Any:
    """Add the linked files."""
    from mkdocs.structure.files import File

    for page in files.documentation_pages():
        for link in _LINK.findall(_whole(page.content_string)):
            name = _name(page.src_uri, link)
            if name is not None and files.get_file_from_path(f"{FOLDER}/{name}") is None:
                files.append(File.generated(config, f"{FOLDER}/{name}", abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Let the links lead to the copies."""
    here = posixpath.dirname(page.file.src_uri)

    def target(found: re.Match[str]) -> str:
        name = _name(page.file.src_uri, found[1])
        return found[0] if name is None else f"]({posixpath.relpath(f'{FOLDER}/{name}', here or '.')}"

    return _LINK.sub(target, _whole(markdown))


def _whole(markdown: str) -> str:
    """A page that shows a file of the root, as that file with links as seen from docs/; any other page unchanged."""
    shown = _SHOWS.fullmatch(markdown)
    if shown is None:
        return markdown
    text = (ROOT / shown[1]).read_text(encoding="utf-8")
    return _ROOT_LINK.sub(lambda link: f"]({posixpath.relpath(link[1], 'docs')}", text)


def _name(page: str, link: str) -> str | None:
    """The file's name in the repository; None for what is in docs/ itself, or not there."""
    path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page), link))
    return None if path.startswith(("docs/", "../")) or not (ROOT / path).is_file() else path
