"""Where a page's numbers come from: what each paper leaves open, and every run with its settings, versions and time."""

from collections.abc import Callable, Iterable, Sequence

from xray_keras.reporting.document import Section
from xray_keras.reporting.runs import Run


def assumptions(runs: Iterable[Run]) -> Section:
    """What the paper leaves open and what is done here; what several rows share is said once.

    Args:
        runs: one of each printed row.
    """
    rows: dict[str, list[str]] = {}
    cards = [run.card for run in runs]
    for card in cards:
        for setting, text in card["assumed"].items():
            rows.setdefault(f"{setting}: {text}", []).append(card["row"])
    notes = [
        f"{'all rows' if 1 < len(sharing) == len(cards) else ' and '.join(sharing)}, {said}"
        for said, sharing in rows.items()
    ]
    return Section(
        "What the paper leaves open, and what is done here",
        "Values are those of SCALE=paper; what these runs used stands below and in each run's `config.json`.",
        notes=notes,
    )


def settings(runs: Sequence[Run], columns: Sequence[str]) -> Section:
    """A line a run; versions, device and data are those of the first.

    Args:
        runs: trained runs, at least one.
        columns: names of `CELLS`, in their order on the page.
    """
    environment = runs[0].environment
    versions = ", ".join(f"{name} {version}" for name, version in environment["versions"].items())
    text = f"{versions}; {environment['device']}. Data fingerprint {environment['data']['fingerprint'][:16]}."
    return Section("Runs", text, columns, [[CELLS[column](run) for column in columns] for run in runs])


CELLS: dict[str, Callable[[Run], str]] = {
    "Run": lambda run: run.folder.name,
    "Model": lambda run: run.card["row"],
    "seed": lambda run: str(run.config["seed"]),
    "px": lambda run: str(run.config["size"]),
    "parameters": lambda run: f"{run.environment['parameters']:,}",
    "epochs": lambda run: str(len(run.history)),
    "learning rate": lambda run: f"{run.config['learning_rate']:g}",
    "initial weights": lambda run: run.config["weights"] or "–",
    "precision": lambda run: run.config["precision"],
    "training": lambda run: f"{run.environment['seconds']:.0f} s",
}
