"""One table or figure on its paper's page: what each kind of data gives, or the command that runs it."""

import html
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from xray_keras.reporting.site import markup
from xray_keras.reporting.site.contents import FULL, KINDS, NETWORKS, PHANTOM, SUBSET, Artefact, Shown
from xray_keras.reporting.site.places import Place

MEANING: Mapping[str, str] = {
    NETWORKS: "drawn from the built networks; no data is needed",
    PHANTOM: "computed pictures that show no patient: trends can be compared, values cannot",
    SUBSET: "real pictures, but not all of those that the paper used, or others in their place",
    FULL: "the complete official releases at the paper's scale",
}
"""What a kind of data allows to be said."""

_DATA = "DATA=/folder/above/your/data"


def chip(kind: str, variant: str = "") -> str:
    """The name of a kind of data, marked so that it is seen at once."""
    words = KINDS[kind] + (f", variant {html.escape(variant)}" if variant else "")
    return f'<span class="kind {kind}">{words}</span>'


def commands(artefact: Artefact) -> list[tuple[str, str]]:
    """What was not run, in words, and the command that runs it; nothing where the suite has none."""
    make = f"make {artefact.target}"
    if not artefact.target or (artefact.drawn and artefact.shown):
        return []
    if artefact.drawn:
        return [("Not drawn", make)]
    lacking = []
    if not artefact.on(PHANTOM):
        lacking.append(("Not run on the phantom", make))
    if not artefact.on(SUBSET, FULL):
        lacking.append(("Not run on real pictures", f"{make} {_DATA}"))
    if not artefact.on(FULL):
        lacking.append(("Not run on the complete releases", f"{make} {_DATA} SCALE=paper"))
    return lacking


def render(artefact: Artefact, anchor: str, reports: Path) -> str:
    """The artefact as an article: heading, a panel a page, what was not run."""
    told = ". ".join(html.escape(text) for text in (artefact.section, *_never(artefact)) if text)
    where = f'<p class="where">{told}</p>\n' if told else ""
    shown = "".join(_panel(artefact, one, f"{anchor}-{k}", reports) for k, one in enumerate(artefact.shown))
    pictures = " pictures" if _is_figure(artefact) else ""
    return (
        f'<article class="artefact" id="{anchor}">\n<h3>{html.escape(artefact.title)}</h3>\n{where}'
        + (f'<div class="panels{pictures}">\n{shown}</div>\n' if shown else "")
        + _not_run(artefact)
        + "</article>\n"
    )


def _is_figure(artefact: Artefact) -> bool:
    return artefact.name.startswith("figure")


def _never(artefact: Artefact) -> list[str]:
    """Of what nothing in the suite makes: that, and what the paper's text has of it."""
    if artefact.target or artefact.shown:
        return []
    return ["Nothing in the suite makes it", f"The text has: {artefact.missing}" if artefact.missing else ""]


def _not_run(artefact: Artefact) -> str:
    lines = [f"{what}: <code>{html.escape(line)}</code>" for what, line in commands(artefact)]
    return f'<p class="box">{"<br>".join(lines)}</p>\n' if lines else ""


def _panel(artefact: Artefact, shown: Shown, anchor: str, reports: Path) -> str:
    """What one page says: on which data, its main table or picture, the way to the whole page."""
    place = Place(reports, home=shown.path.parent)
    page = PurePosixPath(shown.path).with_suffix(".html")
    name = f"{artefact.label or artefact.caption}, {KINDS[shown.kind]}"
    order = ("picture", "table") if _is_figure(artefact) else ("table", "picture")
    main = next((found for kind in order if (found := shown.page.first(kind))), None)
    stands = markup.plain(shown.page.stands).removeprefix(f"{KINDS[shown.kind]}, ")
    body = ""
    if main:
        heading, block = main
        label = f"{name}: {markup.plain(heading)}" if heading else name
        body = markup.render([block], place, label, markup.inline(heading, place))
    return (
        f'<section class="panel {shown.kind}" aria-labelledby="{anchor}">\n'
        f'<div class="stands"><h4 id="{anchor}">{chip(shown.kind, shown.variant)}</h4>\n'
        f"<p>{html.escape(stands)}</p></div>\n{body}"
        f'<p class="more"><a href="{place.to(page)}">Whole page'
        f'<span class="unseen"> of {html.escape(name)}</span></a></p>\n</section>\n'
    )
