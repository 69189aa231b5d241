"""What make rebuilds, and what it leaves alone. The stages are replaced by stand-ins; planning is real."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STAND_IN = """
import sys
from pathlib import Path

verb, first, *rest = sys.argv[1:]
if verb == "plan":
    from xray_keras import cli
    sys.exit(cli.main(sys.argv[1:]))
def is_trained(run):
    made = [run / "config.json", run / "model.keras", run / "predictions.parquet"]
    return all(file.is_file() for file in made) and made[0].stat().st_mtime < min(f.stat().st_mtime for f in made[1:])

named = [Path(word) for word in sys.argv[2:] if verb == "train" and word.startswith("runs/")] or [Path(first)]
together = len(named) > 1
named = [run for run in named if not (together and is_trained(run))]
with open("log", "a") as log:
    log.write("".join(f"{verb} {run}\\n" for run in named))
    if together:
        log.write(f"together {' '.join(run.name for run in named)}\\n")
made = {
    "manifest": ["manifest.csv"], "train": ["model.keras", "predictions.parquet"], "evaluate": ["metrics.json"],
    "ood": ["ood.parquet"], "explain": ["explanations.parquet"],
    "quality": ["quality.json"], "privacy": ["privacy.json"], "deidentify": ["deidentified.parquet"],
    "attack": ["attacks.parquet"],
}
if verb == "cache":
    for suffix in ("npy", "json"):
        (Path(first) / f"0123456789abcdef-{rest[1]}.{suffix}").touch()
if verb in made:
    for run in named:
        for name in made[verb]:
            (run / name).write_text("made")
            if Path("no-prediction").exists() and name == "model.keras":
                sys.exit(2)
elif verb in ("table", "figure", "architecture"):
    output = Path(rest[rest.index("-o") + 1]).with_suffix(".md" if verb == "table" else ".png")
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(f"{len([word for word in rest if '/runs' in word or word.startswith('runs')])} runs")
"""


class Project:
    """A copy of the Makefile and the experiments, with stand-ins for the stages."""

    def __init__(self, folder: Path):
        self.folder = folder
        shutil.copytree(ROOT / "experiments", folder / "experiments")
        shutil.copytree(ROOT / "locks", folder / "locks")
        for name in ("Makefile", "setup.cfg"):
            shutil.copy(ROOT / name, folder)
        (folder / "stand_in.py").write_text(STAND_IN)
        (folder / ".venv").mkdir()
        (folder / ".venv" / "installed-cpu").touch()

    def make(self, *arguments: str) -> list[str]:
        """Run make; return the stages that ran."""
        log = self.folder / "log"
        log.unlink(missing_ok=True)
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))
        }
        time.sleep(0.02)  # so that every file made now is newer than those before
        ended = subprocess.run(
            ["make", f"XRAY={sys.executable} stand_in.py", *arguments],
            cwd=self.folder, env=environment | {"PYTHONPATH": str(self.folder)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr + ended.stdout
        return log.read_text().splitlines() if log.exists() else []

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / "experiments" / "ali2019" / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def trained(stages: list[str]) -> list[str]:
    return sorted(line.split("/")[-1] for line in stages if line.startswith("train "))


def test_table2_runs_sixteen_networks_once(project):
    stages = project.make("table2")
    assert len(trained(stages)) == 16 and "vgg16" in trained(stages)
    verbs = [line.split()[0] for line in stages]
    assert [verbs.count(verb) for verb in ("manifest", "evaluate", "table", "figure")] == [1, 16, 1, 0]
    assert (project.folder / "reports/phantom/ali2019/table2.md").read_text() == "16 runs"
    assert project.make("table2") == []
    assert project.make("ali2019-table2") == []


def test_one_changed_learning_rate_retrains_one_disease(project):
    project.make("table2")
    project.edit("baseline_hernia.py", "binary_cnn(\"Hernia\")",
                 "__import__('dataclasses').replace(binary_cnn('Hernia'), learning_rate=9e-6, demo={})")  # fmt: skip
    assert trained(project.make("table2")) == ["baseline_hernia"]


def passes(stages: list[str]) -> list[int]:
    """Of each process that was given several networks, how many of them it trained."""
    return [len(line.split()) - 1 for line in stages if line.startswith("together")]


def test_networks_that_differ_in_their_finding_alone_are_trained_together(project):
    def lose_one() -> None:
        for name in ("predictions.parquet", "metrics.json"):
            (project.folder / "runs/phantom-demo/sound/ali2019/baseline_mass" / name).unlink()
        (project.folder / "reports/phantom/ali2019/table2.md").unlink()

    assert passes(project.make("table2", "TOGETHER=7")) == [7, 7]
    lose_one()
    assert passes(project.make("table2", "TOGETHER=7")) == [1]
    lose_one()
    stages = project.make("table2")
    assert trained(stages) == ["baseline_mass"] and passes(stages) == []


def test_how_many_are_trained_together_is_a_setting(project):
    assert passes(project.make("table2", "TOGETHER=14")) == [14]
    assert passes(project.make("table2", "SCALE=paper")) == []
    # batches of 128, 256 and 512 for six, five and three findings
    assert sorted(passes(project.make("table2", "SCALE=paper", "SEED=1", "TOGETHER=14"))) == [3, 5, 6]


def test_where_prediction_fails_the_training_stays(project):
    (project.folder / "no-prediction").touch()
    with pytest.raises(AssertionError, match="Error 2"):
        project.make("table2")
    models = list((project.folder / "runs").rglob("model.keras"))
    assert models
    (project.folder / "no-prediction").unlink()
    assert len(trained(project.make("table2"))) == 16


def test_after_a_clock_that_was_ahead_a_changed_setting_still_counts(project):
    project.make("table2")
    for path in [*(project.folder / "runs").rglob("*"), *(project.folder / "reports").rglob("*")]:
        stamp = path.stat().st_mtime_ns + 86_400_000_000_000
        os.utime(path, ns=(stamp, stamp))
    project.edit("baseline_hernia.py", "binary_cnn(\"Hernia\")",
                 "__import__('dataclasses').replace(binary_cnn('Hernia'), learning_rate=9e-6, demo={})")  # fmt: skip
    stages = project.make("table2")
    assert trained(stages) == ["baseline_hernia"] and any(line.startswith("table") for line in stages)
    assert project.make("table2") == []


def test_a_comment_or_a_reworded_assumption_retrains_nothing(project):
    project.make("table2")
    project.edit("baseline_hernia.py", "EXPERIMENT", "# rare\nEXPERIMENT")
    assert project.make("table2") == []
    project.edit("_baseline.py", "not printed; Adam", "not printed; Adam is assumed")
    assert trained(project.make("table2")) == []


def test_a_new_file_joins_its_table(project):
    project.make("table2")
    source = project.folder / "experiments/ali2019/vgg16.py"
    (source.parent / "vgg16_small.py").write_text(source.read_text().replace("PretrainedVGG16", "Small"))
    assert trained(project.make("table2")) == ["vgg16_small"]
    assert (project.folder / "reports/phantom/ali2019/table2.md").read_text() == "17 runs"


def test_figures_train_the_augmented_runs_too(project):
    project.make("-j2", "table2")
    assert trained(project.make("figure2", "figure3")) == ["inception_v3_augmented", "vgg16_augmented"]
    assert project.make("table2", "figure2") == []


def test_table3_trains_each_network_after_its_gan(project):
    stages = project.make("table3")
    findings = ["atelectasis", "effusion", "infiltration", "nodule"]
    assert trained(stages) == sorted(
        f"{kind}_{name}" for kind in ("infogan", "with_gan") for name in findings
    )
    order = [line.split("/")[-1] for line in stages if line.startswith("train ")]
    assert all(order.index(f"infogan_{name}") < order.index(f"with_gan_{name}") for name in findings)
    assert trained(project.make("ali2019", "JOBS=2")).count("infogan_pneumonia") == 1
    assert project.make("table3") == []
    project.edit("_infogan.py", '"Nodule": Epochs(500, 80)', '"Nodule": Epochs(500, 81)')
    assert trained(project.make("table3")) == ["infogan_nodule", "with_gan_nodule"]


def test_the_laboratory_names_each_run_once_and_makes_its_stages(project):
    stages = project.make("gan_notes")
    verbs = [line.split()[0] for line in stages]
    counts = {verb: verbs.count(verb) for verb in ("train", "quality", "privacy", "deidentify", "attack")}
    assert counts == {"train": 7, "quality": 3, "privacy": 3, "deidentify": 1, "attack": 1}
    assert project.make("gan_notes") == []


def test_architectures_need_no_runs_and_are_redrawn_when_what_they_are_built_by_changes(project):
    seven = [
        f"architecture {name}"
        for name in (
            "ali2019/figure1", "minaee2020/figure3", "minaee2020/figure4", "minaee2020/figure5",
            "zhao2019/figure2", "zhao2019/figure3", "zhao2019/figure4",
        )
    ]  # fmt: skip
    assert project.make("minaee2020-figure4") == seven[2:3]
    assert sorted(project.make("networks")) == [*seven[:2], *seven[3:]]
    assert project.make("networks", "figure1", "zhao2019-figure3") == []
    assert (project.folder / "reports/networks/zhao2019/figure4.png").is_file()
    project.edit("_baseline.py", "from typing", "# a word\nfrom typing")
    assert sorted(project.make("networks")) == seven
    (project.folder / "reports/networks/zhao2019/figure2.png").unlink()
    assert seven[4] in project.make("zhao2019")  # a paper's pages have its architectures among them


def test_another_seed_or_variant_is_another_run(project):
    project.make("table2")
    assert len(trained(project.make("table2", "VARIANT=paper"))) == 16
    assert project.make("table2") == []
    assert len(trained(project.make("table2", "SEED=1"))) == 16


def test_real_data_are_watched(project, tmp_path):
    release = tmp_path / "d" / "nih-chestxray14"
    (release / "images").mkdir(parents=True)
    (release / "Data_Entry_2017_v2020.csv").write_text("x")
    assert len(trained(project.make("table2", "DATA=d"))) == 16
    assert project.make("table2", "DATA=d") == []
    time.sleep(0.02)
    (release / "images" / "new.png").touch()
    assert any(line.startswith("manifest") for line in project.make("table2", "DATA=d"))


@pytest.mark.parametrize("name", ["tabel2", "runs/phantom-demo/sound/ali2019/baseline_efusion/metrics.json"])
def test_a_slip_of_the_pen_is_told_where_to_look(project, name):
    ended = subprocess.run(
        ["make", f"XRAY={sys.executable} stand_in.py", name], cwd=project.folder, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (
        ended.returncode == 2
        and not (project.folder / "runs/phantom-demo/sound/ali2019/baseline_efusion").exists()
    )
    assert f"There is no target {name}, and no such file; make help lists the targets" in ended.stderr


def test_help_and_wrong_settings(project):
    text = subprocess.run(
        ["make", "help"], cwd=project.folder, capture_output=True, text=True, check=True
    ).stdout
    assert "make table2" in text and "Not for diagnosis" in text
    ended = subprocess.run(
        ["make", f"XRAY={sys.executable} stand_in.py", "table2", "SCALE=huge"],
        cwd=project.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (
        ended.returncode == 2 and "SCALE=huge is unknown" in ended.stderr and "Traceback" not in ended.stderr
    )
