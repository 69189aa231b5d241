"""The audit as a whole: nothing left without a verdict, every known inconsistency found, no TensorFlow."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from xray_keras.audit.outcome import Verdict
from xray_keras.audit.papers import audit
from xray_keras.papers import loader

ROOT = Path(__file__).parents[2]
KNOWN = {
    "ali2019": {"vgg7_inception4", "auc_ge_balanced_accuracy", "baseline_auc_duplicate", "generator_reaches_128",
                "latent_40", "shifted_auc_labels"},
    "cohen2019": {"chexnet_column_truncated", "ali_split", "beta2", "wang_vs_chester_wang"},
    "minaee2020": {"confusion_vs_table", "augmentation_factor", "claim_best_97_5_95", "claim_84_97"},
    "zhao2019": {"gpu_times_physical", "mspnet_params", "eq1_sign"},
    "gan_notes": {"airliner_probability"},
}  # fmt: skip


@pytest.mark.parametrize("paper", loader.names())
def test_every_claim_has_an_answer_and_every_finding_its_arithmetic(paper):
    found = audit(paper)
    assert [answer.claim.id for answer in found.answers] == list(loader.claims(paper))
    assert sum(found.count(verdict) for verdict in Verdict) == len(found.answers)
    assert all(answer.why for answer in found.answers)
    for finding in found.findings:
        outcome = finding.outcome
        assert outcome.verdict is not Verdict.NEEDS_A_RUN
        for text in (
            outcome.where,
            outcome.question,
            outcome.printed,
            outcome.recomputed,
            outcome.arithmetic,
        ):
            assert text and text == text.strip()
        assert outcome.question.endswith("?")
    assert len({finding.name for finding in found.findings}) == len(found.findings)
    assert KNOWN[paper] <= {finding.name for finding in found.failing}


def test_a_claim_without_its_check_is_an_error(monkeypatch):
    claims = dict(loader.claims("gan_notes"))
    first = next(claim for claim in claims.values() if claim.cannot)
    lost = loader.Claim(first.id, first.where, first.statement, {}, (), by="nothing", needs="", cannot="")
    monkeypatch.setattr(loader, "claims", lambda paper: {**claims, lost.id: lost})
    with pytest.raises(ValueError, match=f"no check decides {lost.id}"):
        audit("gan_notes")


def test_the_whole_audit_imports_no_tensorflow(tmp_path):
    code = (
        "import sys; from xray_keras import cli; "
        f"status = cli.main(['audit', '-o', {str(tmp_path)!r}]); "
        "print('heavy:', sorted({'tensorflow', 'keras', 'matplotlib', 'sklearn'} & set(sys.modules))); sys.exit(status)"
    )
    began = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    print(f"audit: {time.perf_counter() - began:.1f} s")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip().endswith("heavy: []")
    for paper in (*loader.names(), "index"):
        for suffix in ("md", "csv"):
            assert (tmp_path / f"{paper}.{suffix}").stat().st_size > 200
        committed = ROOT / "reports" / "audit" / f"{paper}.md"
        assert committed.read_text() == (tmp_path / f"{paper}.md").read_text(), "run make audit"
    for paper in loader.names():
        assert f"{paper} fails: " in ended.stdout
