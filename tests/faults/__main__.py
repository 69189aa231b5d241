"""`python -m tests.faults --trials 100 --seed 0`: kill, fill, cut and corrupt; see whether the numbers survive.

Exit status: 0; 1 where a trial went wrong.
"""

import argparse
import collections
import sys
import tempfile
from pathlib import Path

from . import project, trials
from .faults import KINDS
from .reference import Reference


def main() -> int:
    """Run the trials, print a line each, then a table; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, nargs="+", help="numbers of trials, to repeat them")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, project.Server(Path(name)) as server:
        reference = Reference(Path(name), server.command)
        print(f"undisturbed: {len(reference.numbers)} files with numbers", flush=True)
        found = []
        for number in arguments.only or range(arguments.trials):
            folder = Path(name) / f"trial{number}"
            found.append(trials.run(number, arguments.seed, *trials.planned(number), reference, folder))
            print(describe(found[-1]), flush=True)
    print(f"\n{table(found)}")
    return 1 if any(each.verdict == trials.WRONG for each in found) else 0


def describe(outcome: trials.Outcome) -> str:
    """A trial in a line, or in more where it went wrong."""
    told = f"{outcome.number:>4}  {outcome.verdict:<8} {outcome.kind}, {outcome.stage}: {outcome.done}"
    return f"{told} ({outcome.seconds:.0f} s)" + (f"\n        {outcome.said}" if outcome.said else "")


def table(found: list[trials.Outcome]) -> str:
    """Kinds of faults against verdicts, counted, as Markdown."""
    verdicts = (trials.RESUMED, trials.NAMED, trials.SKIPPED, trials.WRONG)
    counted = collections.Counter((each.kind, each.verdict) for each in found)
    lines = [("fault", *verdicts), ("---", *["--:"] * len(verdicts))]
    lines += [(kind, *(str(counted[kind, verdict]) for verdict in verdicts)) for kind in KINDS]
    total = collections.Counter(each.verdict for each in found)
    lines.append((f"all {len(found)}", *(str(total[verdict]) for verdict in verdicts)))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
