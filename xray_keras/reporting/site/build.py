"""Build the site: every page in memory first, then what changed on disk, and old pages away."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePosixPath

from xray_keras import files
from xray_keras.audit.papers import audit
from xray_keras.errors import UserError
from xray_keras.papers import loader
from xray_keras.reporting.site import contents, frame, front, leaves, pages, paper
from xray_keras.reporting.site.contents import Artefact, Contents, Shown
from xray_keras.reporting.site.pages import Page
from xray_keras.reporting.site.places import Place

ASSETS = ("style.css", "site.js")


@dataclass(frozen=True)
class Built:
    """What `build` did.

    Attributes:
        pages: HTML pages that the site has.
        files: those, and what they share.
        written: files that are new or changed.
        removed: pages whose Markdown is gone.
    """

    pages: int
    files: int
    written: list[Path]
    removed: list[Path]


def build(root: Path, reports: Path) -> Built:
    """Write the site of `reports` into it; the same inputs give the same bytes.

    Args:
        root: the checkout: its experiments say what can be run, its notebooks are linked.
        reports: folder of the report pages.

    Raises:
        UserError: no page is there, one is broken, or a file cannot be written. What is broken is found before
            anything is written.
    """
    found = pages.read_all(reports)
    if not found:
        raise UserError(
            f"{reports} holds no report page yet; run `make table2`, or `make audit`, and then this"
        )
    site = _site(found, root, reports)
    written = []
    for name, content in site.items():
        path = reports / name
        if not path.is_file() or path.read_bytes() != content:
            with files.publish(path) as temporary:
                temporary.write_bytes(content)
            written.append(path)
    removed = [path for path in sorted(reports.rglob("*.html")) if _stale(path, reports, site)]
    for path in removed:
        path.unlink()
    return Built(len(site) - len(ASSETS), len(site), written, removed)


def _site(found: Mapping[PurePosixPath, Page], root: Path, reports: Path) -> dict[PurePosixPath, bytes]:
    """Every file of the site."""
    papers = [(contents.read(name, root, found), audit(name)) for name in loader.names()]
    html = {PurePosixPath(frame.HOME): front.render(papers, found, root, reports)}
    known: dict[PurePosixPath, tuple[Contents, Artefact, Shown]] = {}
    for each, audited in papers:
        html[PurePosixPath(f"{each.paper}.html")] = paper.render(each, audited, root, reports)
        known |= {shown.path: (each, artefact, shown) for artefact in each.all for shown in artefact.shown}
    for path, page in found.items():
        name = path.with_suffix(".html")
        if name in html:
            raise UserError(f"{reports / path} would take the place of the site's own {name}; rename it")
        trail, top = [(frame.HOME, "xray_keras")], ""
        if path in known:
            each, artefact, shown = known[path]
            trail.append((f"{each.paper}.html", each.paper))
            top = leaves.top(each, artefact, shown, Place(reports, path.parent, path.parent))
        html[name] = leaves.render(page, path, reports, trail, top)
    site = {name: text.encode() for name, text in html.items()}
    return site | {PurePosixPath(name): _asset(name) for name in ASSETS}


def _asset(name: str) -> bytes:
    return resources.files("xray_keras.reporting.site").joinpath(name).read_bytes()


def _stale(path: Path, reports: Path, site: Mapping[PurePosixPath, bytes]) -> bool:
    """Whether the site wrote a page that it no longer has; pages of others stay."""
    name = PurePosixPath(path.relative_to(reports).as_posix())
    return name not in site and frame.MARK.encode() in path.read_bytes()
