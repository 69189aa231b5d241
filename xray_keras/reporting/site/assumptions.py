"""What a paper leaves open and what is done here: what several experiments share is said once."""

import html
from pathlib import Path

from xray_keras import experiment
from xray_keras.reporting.site import markup
from xray_keras.reporting.site.places import Place


def render(paper: str, root: Path) -> str:
    """A table of every setting that the paper's experiments assume; "" where there is none.

    Args:
        paper: identifier.
        root: the checkout, whose experiments list what they assume.

    Raises:
        UserError: an experiment is broken.
    """
    every: dict[str, None] = {}
    said: dict[tuple[str, str], dict[str, None]] = {}
    for name in experiment.names(root):
        if name.partition("/")[0] == paper:
            one = experiment.load(name, root)
            every[one.row] = None
            for setting, text in one.assumed.items():
                said.setdefault((setting, text), {})[one.row] = None
    if not said:
        return ""
    place = Place(Path())
    rows = [
        [
            markup.inline(setting, place),
            markup.inline(text, place),
            "all" if len(every) == len(sharing) > 1 else html.escape("; ".join(sharing)),
        ]
        for (setting, text), sharing in sorted(said.items(), key=lambda item: -len(item[1]))
    ]
    columns = ["Setting", "What the paper leaves open, and what is done here", "Rows"]
    return markup.table(columns, rows, "What the paper leaves open, and what is done here")
