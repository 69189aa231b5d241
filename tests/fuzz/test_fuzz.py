"""A short set of hostile files for every reader; `make fuzz` gives each of them ten thousand more."""

import ast
from pathlib import Path

import pytest

import xray_keras
from tests.fuzz import campaign, catalogue, erring, worker
from tests.fuzz.reader import Outside

PACKAGE = Path(xray_keras.__file__).parent
OPENING = {
    *("read_text", "read_bytes", "open", "loads", "read_csv", "read_parquet", "ParquetFile", "load", "safe_load"),
    *("ZipFile", "File", "dcmread", "load_model", "load_weights", "InferenceSession", "ParseFromString", "load_file"),
}  # fmt: skip
"""Names of functions that open files or parse what was in them."""
OWN = {
    "cli": "standard output",
    "serve": "files of a built page, by a list made beforehand; see tests/web/test_serve.py",
    "plan": "its own plan",
    "cluster.task": "writes a log",
    "seals": "small files of its own; one that is damaged is no seal of what is there",
    "doctor": "the machine's own files, each failure of which is a finding",
    "reporting": "reports and cards of the suite",
    "commands": "standard output",
    "datasets.partial": "the cache's own journal, compared byte for byte",
    "datasets.label_sets": "a table of the package",
    "datasets.rendered": "fonts of a package, and pictures in memory",
    "evaluation.planted": "pictures in memory",
    "evaluation.speed": "the machine's own list of processors",
    "evaluation.timed_networks": "a network in memory",
    "evaluation.kept_pictures": "writes",
    "export.label_orders": "words on the command line, or a file of them",
    "export.parity": "a network in memory",
    "export.browse": "a run's own population, see files",
    "models.weight_check": "see datasets.images",
    "models.weight_fetch": "archives whose hash is known",
    "models.weight_cache": "writes; cards are read by files",
    "training": "a run's own arrays, mapped, whose header must be the wanted one",
    "textfilter.command": "writes",
}
"""Modules that open files, and why no reader of the catalogue stands for them."""


@pytest.mark.parametrize("heavy", [False, True])
def test_no_reader_errs_on_a_short_set(heavy: bool, tmp_path: Path) -> None:
    names = [name for name, reader in catalogue.READERS.items() if reader.heavy is heavy]
    found = campaign.run(names, 3 if heavy else 8, 1)
    assert campaign.keep(found, 1, tmp_path) == []
    assert all(tally.counts[worker.REFUSED] for tally in found.values())
    sound = {name for name, tally in found.items() if tally.counts[worker.OK]}
    assert sound >= {name for name in names if catalogue.READERS[name].whole}


def test_every_module_that_opens_files_is_covered() -> None:
    covered = {module for reader in catalogue.READERS.values() for module in reader.covers} | OWN.keys()
    opening = set()
    for path in PACKAGE.rglob("*.py"):
        calls = (node.func for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call))
        if any(isinstance(call, ast.Attribute) and call.attr in OPENING and _opens(call) for call in calls):
            opening.add(".".join(path.relative_to(PACKAGE).with_suffix("").parts))
    parts = {module: {module.rsplit(".", n)[0] for n in range(module.count(".") + 1)} for module in opening}
    assert not [module for module in sorted(opening) if not parts[module] & covered]
    assert not [name for name in sorted(covered) if not (PACKAGE / name.replace(".", "/")).with_suffix(".py").exists()
                and not (PACKAGE / name.replace(".", "/")).is_dir()]  # fmt: skip


def _opens(call: ast.Attribute) -> bool:
    """Not `json.loads` of what `read_text` gave beside it, and not a module's own `load`."""
    return call.attr != "loads" and not (
        call.attr == "load"
        and isinstance(call.value, ast.Name)
        and call.value.id not in ("np", "yaml", "onnx", "torch")
    )


def test_the_harness_sees_what_goes_wrong(tmp_path: Path) -> None:
    found = campaign.run(["erring"], 3, 0)
    seen = {number - 1: why for number, why in found["erring"].wrong}
    assert [
        word for place, (word, why) in enumerate(erring.WORDS.items()) if why not in seen.get(place, "")
    ] == []
    assert found["erring"].counts[worker.REFUSED] >= 1 and found["erring"].counts[worker.OK] >= 1
    lines = campaign.keep(found, 0, tmp_path)
    assert len(lines) == len(erring.WORDS)
    assert (tmp_path / "erring-0-1" / "a.txt").read_text() == "run"


def test_a_case_is_the_same_each_time(tmp_path: Path) -> None:
    one, two = (worker.Cases(catalogue.READERS["table"], Outside(tmp_path), 5) for _ in range(2))
    assert [one[number] for number in range(40)] == [two[number] for number in range(40)]
    assert one[39] != worker.Cases(catalogue.READERS["table"], Outside(tmp_path), 6)[39]
