"""An examination in words, and ready for JSON."""

import shutil
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from xray_keras.doctor.finding import FAILED, NOTE, OK, Finding

WIDTH = 100  # columns, at most; on a terminal no more than it has
_SIGNS = {OK: "ok", NOTE: "note", FAILED: "FAILED"}
_INDENT = " " * 8


def describe(finding: Finding) -> str:
    """ "ok      Python: 3.12.3", and what to do below it."""
    lines = [_fill(f"{_SIGNS[finding.state]:<8}{finding.name}: {finding.said}")]
    if finding.remedy:
        lines.append(_fill(f"{_INDENT}-> {finding.remedy}", f"{_INDENT}   "))
    return "\n".join(lines)


def verdict(findings: Sequence[Finding]) -> str:
    """The last line."""
    failed = [finding.name for finding in findings if finding.state == FAILED]
    notes = sum(finding.state == NOTE for finding in findings)
    if failed:
        return f"Does not work yet: {', '.join(failed)}. What to do stands behind each arrow."
    return "Everything that is needed works." + (
        f" {notes} to note; none of them stops a run." if notes else ""
    )


def in_order(findings: Iterable[Finding]) -> bool:
    """Whether everything that is needed works."""
    return all(finding.state != FAILED for finding in findings)


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """ "in_order", and "findings", each with "name", "state", "said", "remedy" (null for none) and "facts"."""
    return {
        "in_order": in_order(findings),
        "findings": [
            {
                "name": finding.name,
                "state": finding.state,
                "said": finding.said,
                "remedy": finding.remedy or None,
                "facts": dict(finding.facts),
            }
            for finding in findings
        ],
    }


def _fill(text: str, indent: str = _INDENT) -> str:
    head = len(text) - len(text.lstrip())
    return textwrap.fill(
        text.lstrip(),
        min(WIDTH, shutil.get_terminal_size((WIDTH, 1)).columns),
        initial_indent=" " * head,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
