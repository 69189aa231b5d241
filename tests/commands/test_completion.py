"""Completion scripts: understood by their shells, and offering what there is."""

import shutil
import subprocess

import pytest

from xray_keras import cli
from xray_keras.commands import completion
from xray_keras.models.weight_sources import SOURCES

_TRY = """
source {script}
COMP_WORDS=({words}) COMP_CWORD={last}
$(complete -p xray-keras | sed 's/.*-F \\([^ ]*\\).*/\\1/') xray-keras "${{COMP_WORDS[{last}]}}" 2>/dev/null
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def script(shell: str) -> str:
    return completion.script(cli._parser(), shell)


@pytest.fixture(scope="module")
def bash(tmp_path_factory):
    """What bash offers for the last word of a line; "" for an empty one."""
    if shutil.which("bash") is None:
        pytest.skip("there is no bash here")
    folder = tmp_path_factory.mktemp("shell")
    (folder / "script.bash").write_text(script("bash"))
    (folder / "runs").mkdir()
    (folder / "runs.csv").write_text("")

    def offered(*words: str) -> set[str]:
        line = " ".join(f"'{word}'" for word in ("xray-keras", *words))
        tried = _TRY.format(script=folder / "script.bash", words=line, last=len(words))
        ended = subprocess.run(["bash", "-c", tried], capture_output=True, text=True, check=True, cwd=folder)
        return set(ended.stdout.split())

    return offered


def test_bash_offers_verbs_and_options(bash):
    assert bash("") >= set(cli._parser().verbs)
    assert bash("import") == {"import-weights"}
    assert {"--n", "--positives", "--json"} <= bash("audit", "--")


def test_bash_offers_files_and_folders_where_they_belong(bash):
    assert bash("audit", "runs") >= {"runs.csv"}
    assert {name.rstrip("/") for name in bash("train", "runs")} == {"runs"}
    assert {name.rstrip("/") for name in bash("screen", "x", "--against", "runs")} == {"runs", "runs.csv"}


def test_bash_offers_what_the_suite_knows(bash):
    assert bash("table", "zhao2019/table") == {"zhao2019/table1", "zhao2019/table2"}
    assert bash("score", "x", "--paper", "") == {
        "ali2019",
        "cohen2019",
        "gan_notes",
        "minaee2020",
        "zhao2019",
    }
    assert bash("plan", "x", "--scale", "") == {"demo", "paper"}
    assert bash("plan", "x", "--variant", "so") == {"sound"}
    assert bash("import-weights", "x", "--kind", "") == {"tfjs", "torch", "keras", "onnx"}
    assert bash("weights", "--fetch", "") == {*SOURCES, "all"}
    assert bash("completion", "") == {"bash", "zsh", "fish", "tcsh"}


def test_what_is_suggested_is_what_is_known():
    """Where a module that is slow to import knows the names, the parser repeats them."""
    from xray_keras import experiment, plan
    from xray_keras.commands import origins
    from xray_keras.export import formats, label_orders
    from xray_keras.models.imported_densenet121 import PREPROCESSING

    assert origins._KINDS == formats.KINDS and set(origins._PREPROCESSING) == set(PREPROCESSING)
    assert set(origins._LABELS) <= set(label_orders.ORDERS)
    suggested = {
        action.dest: set(action.suggestions())
        for action in cli._parser().verbs["plan"]._actions
        if hasattr(action, "suggestions")
    }
    assert suggested["scale"] == set(experiment.SCALES) and suggested["missing"] == set(plan.MISSING)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh"])
def test_each_shell_has_every_verb_and_finds_no_fault(shell, tmp_path):
    text = script(shell)
    for verb in cli._parser().verbs:
        assert verb in text
    if shell == "tcsh" or shutil.which(shell) is None:  # tcsh cannot check without running
        return
    path = tmp_path / "script"
    path.write_text(text)
    subprocess.run([shell, "-n", path], check=True, capture_output=True)
