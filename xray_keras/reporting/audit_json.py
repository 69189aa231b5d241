"""The audit ready for JSON: what `reporting.audit` says in words and pages."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from xray_keras.audit.outcome import Verdict
from xray_keras.audit.papers import Answer, Audit, Finding
from xray_keras.audit.table import TableAudit


def of_papers(audits: Sequence[Audit]) -> dict[str, Any]:
    """The papers, in their order.

    Returns:
        {"papers": [{"paper", "claims": verdict → how many, "checks": [{"name", "claims": ids that it decides,
        "verdict", "where", "question", "printed", "recomputed", "arithmetic"}], "answers": [{"id", "statement",
        "where", "verdict", "because": the check, the artefact whose run answers it, or why nothing can}]}]}
    """
    return {
        "papers": [
            {
                "paper": found.paper,
                "claims": {str(verdict): found.count(verdict) for verdict in Verdict},
                "checks": [_check(finding) for finding in found.findings],
                "answers": [_answer(answer) for answer in found.answers],
            }
            for found in audits
        ]
    }


def of_table(found: TableAudit) -> dict[str, Any]:
    """Somebody's table: {"possible", "remarks", "rows": [{"name", "possible", "problems", "findings"}]}."""
    rows = [{"name": row.name, "possible": not row.problems, **asdict(row)} for row in found.rows]
    return {"possible": found.possible, "remarks": list(found.remarks), "rows": rows}


def _check(finding: Finding) -> dict[str, Any]:
    outcome = finding.outcome
    return {
        "name": finding.name,
        "claims": list(finding.claims),
        "verdict": str(outcome.verdict),
        "where": outcome.where,
        "question": outcome.question,
        "printed": outcome.printed,
        "recomputed": outcome.recomputed,
        "arithmetic": outcome.arithmetic,
    }


def _answer(answer: Answer) -> dict[str, Any]:
    claim = answer.claim
    return {
        "id": claim.id,
        "statement": claim.statement,
        "where": claim.where,
        "verdict": str(answer.verdict),
        "because": answer.why,
    }
