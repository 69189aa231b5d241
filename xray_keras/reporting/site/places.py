"""Addresses: where a page's Markdown is, where its HTML goes, and how links lead from one to the other."""

import os
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote

_TOP = PurePosixPath()
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """A page in the site.

    Attributes:
        reports: the site's folder.
        home: folder of the Markdown, below `reports`.
        at: folder of the HTML that it is shown in, below `reports`.
    """

    reports: Path
    home: PurePosixPath = _TOP
    at: PurePosixPath = _TOP

    def link(self, target: str) -> str | None:
        """The address of what `target` links to: a page's HTML, a file, a website.

        Returns:
            None where nothing is there, for instance a page that was not made yet.
        """
        if _SCHEME.match(target) or target.startswith(("#", "//")):
            return target
        name, mark, fragment = target.partition("#")
        path = PurePosixPath(os.path.normpath(self.home / unquote(name)))
        if not (self.reports / path).exists():
            return None
        if path.suffix == ".md" and ".." not in path.parts:
            path = path.with_suffix(".html")
        return self.to(path) + mark + fragment

    def to(self, path: PurePosixPath) -> str:
        """The address of a path below `reports`, seen from the HTML."""
        return quote(posixpath.relpath(path, self.at))

    def file(self, name: str) -> Path:
        """A file beside the Markdown, by the name that it has in a link."""
        return self.reports / self.home / unquote(name)
