"""`python -m tests.fuzz [--cases N] [--seed S] [--only NAME …]`: hostile files for every reader; 1 if any errs."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz import campaign, catalogue, worker
from tests.fuzz.reader import Outside

KEPT = campaign.ROOT / "build" / "fuzz"


def main() -> int:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description="Hostile files for every reader."
    )
    parser.add_argument(
        "--cases", type=int, default=10_000, help="mutations for each reader (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="decides every file (default: %(default)s)")
    parser.add_argument(
        "--only", nargs="+", choices=sorted(catalogue.READERS), metavar="NAME", help="readers"
    )
    parser.add_argument("--case", type=int, help="read one case in this process, for a debugger")
    given = parser.parse_args()
    names = given.only or list(catalogue.READERS)
    if given.case is not None:
        with tempfile.TemporaryDirectory() as folder:
            cases = worker.Cases(catalogue.READERS[names[0]], Outside(Path(folder)), given.seed)
            files, kind = cases[given.case]
            (Path(folder) / "case").mkdir()
            print(kind, {name: len(content) for name, content in files.items()})
            print(catalogue.READERS[names[0]].read(worker.lay(files, Path(folder) / "case")))
        return 0
    failed = False
    for name in names:
        start = time.monotonic()
        found = campaign.run([name], given.cases, given.seed)
        counts = found[name].counts
        told = ", ".join(f"{counts[came]:,} {came}" for came in (worker.OK, worker.REFUSED, worker.WRONG))
        print(f"{name}: {counts.total():,} cases in {time.monotonic() - start:.0f} s: {told}", flush=True)
        for line in campaign.keep(found, given.seed, KEPT):
            print(f"  {line}", flush=True)
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
