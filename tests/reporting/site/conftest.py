"""The committed reports built into a site of their own, and small ones for what they do not show."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.reporting.site.site_reading import ROOT, Seen, audited, copy
from xray_keras.reporting.document import Document, Section
from xray_keras.reporting.site import build


@pytest.fixture(autouse=True)
def _audit_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "audit", audited)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed report pages and a fresh site of them: its folder reports/."""
    root = tmp_path_factory.mktemp("site")
    copy(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "audit", audited)
        build.build(root, root / "reports")
    return root / "reports"


Write = Callable[..., Path]
_RATE = {"model": "A", "seed": 0, "printed": "", "value": 0.9, "low": 0.8, "high": 1.0}
NUMBERS = [{**_RATE, "at": f"source: {question}"} for question in ("printed", "inside")]
"""The CSV of Table VI, from which a headline is made."""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a small page below tmp_path/reports, e.g. "phantom/minaee2020/table6"; the Markdown's path."""

    def write(name: str, *sections: Section, title: str = "minaee2020, Table VI: Four networks") -> Path:
        lead = ["Data: **phantom, n = 9 pictures**. Seed 0.", "More."]
        shown = sections or (Section("Rates", "", ("Model", "ours"), [("A", "0.9 [0.8–1.0]")]),)
        output = tmp_path / "reports" / name
        Document(title, lead, shown, pd.DataFrame(NUMBERS)).write(output)
        return output.with_suffix(".md")

    return write


@pytest.fixture
def seen(tmp_path: Path) -> Callable[[str], Seen]:
    """Build the small site and read one of its pages."""

    def seen(name: str) -> Seen:
        build.build(ROOT, tmp_path / "reports")
        return Seen((tmp_path / "reports" / name).read_text(encoding="utf-8"))

    return seen
