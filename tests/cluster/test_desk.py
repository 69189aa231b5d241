"""The desk between make and a cluster, with a stand-in for the cluster; and what dies with its parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from xray_keras import files
from xray_keras.cluster import __main__ as driver
from xray_keras.cluster import ask, task
from xray_keras.cluster.desk import Desk
from xray_keras.cluster.stages import Resources
from xray_keras.errors import UserError


def a_cluster(words, resources):
    """Fails where the folder's name says so."""
    if "lost" in words[1]:
        return task.Ended(2, "", 0.0, "its node has gone", lost=True, attempts=4)
    return task.Ended(1 if "bad" in words[1] else 0, "somewhere", 3.0, "no such thing")


@pytest.fixture
def desk(tmp_path, monkeypatch):
    opened = Desk(a_cluster, [sys.executable, "-c", "import sys; sys.exit(7)"], Resources())
    server = opened.serve(tmp_path / "desk")
    monkeypatch.setenv(ask.DESK, str(tmp_path / "desk"))
    yield opened
    server.shutdown()
    server.server_close()


def test_every_stage_gets_its_own_exit_status_and_failures_are_kept(desk, capfd):
    assert ask.ask(["train", "runs/good", "--predict"]) == 0
    assert ask.ask(["train", "runs/bad"]) == 1
    assert ask.ask(["evaluate", "runs/lost"]) == 2
    assert ask.ask(["table", "ali2019/table2"]) == 7, "which stays here"
    assert [(each.words, each.said, str(each.log)) for each in desk.failures] == [
        ("train runs/bad", "no such thing", "runs/bad/train.log"),
        ("evaluate runs/lost", "its node has gone", "runs/lost/evaluate.log"),
    ]
    assert "train runs/good: 3 s on somewhere" in capfd.readouterr().out


def test_settings_that_cannot_be_read_are_a_failure_like_others(desk, tmp_path):
    (tmp_path / "config.json").write_text("{")
    assert ask.ask(["train", str(tmp_path)]) == 2
    assert "is not valid JSON" in desk.failures[0].said


def test_where_the_desk_has_gone_make_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv(ask.DESK, str(tmp_path / "nobody"))
    assert ask.ask(["train", "runs/good"]) == 2


def test_a_node_without_the_folder_is_named(tmp_path):
    ended = task.run([sys.executable, "-c", ""], str(tmp_path), {}, str(tmp_path / "absent.log"))
    assert ended.status == 2 and "every node needs the same folders" in ended.said and not ended.lost


@pytest.mark.parametrize(
    ("script", "status", "lost", "said"),
    [
        ("print('fine')", 0, False, "fine"),
        ("import sys; sys.exit('xray-keras: a file is absent')", 1, False, "a file is absent"),
        ("import sys; sys.exit(130)", 130, False, "=== attempt"),
        ("import sys; sys.exit(137)", 2, True, "killed by signal 9"),
        ("import os; os.kill(os.getpid(), 11)", 2, True, "killed by signal 11"),
    ],
)
def test_what_was_killed_is_told_from_what_failed(tmp_path, script, status, lost, said):
    log = tmp_path / "train.log"
    log.touch()
    ended = task.run([sys.executable, "-c", script], str(tmp_path), {}, str(log))
    assert (ended.status, ended.lost) == (status, lost) and said in ended.said


def test_a_stage_dies_with_the_worker_that_began_it(tmp_path):
    (tmp_path / "stage.py").write_text(
        "import os, sys, time\nopen(sys.argv[1], 'w').write(str(os.getpid()))\ntime.sleep(60)\n"
    )
    words = [
        sys.executable,
        "-m",
        "xray_keras.cluster.guarded",
        str(tmp_path / "stage.py"),
        str(tmp_path / "pid"),
    ]
    worker = f"import subprocess, time; subprocess.Popen({words!r}, stdin=subprocess.PIPE); time.sleep(60)"
    begun = subprocess.Popen([sys.executable, "-c", worker])
    pid = waited(lambda: (tmp_path / "pid").is_file() and (tmp_path / "pid").read_text())
    begun.kill()
    begun.wait()
    waited(lambda: not alive(int(pid)))


def alive(pid: int) -> bool:
    """Whether a process is there, and no zombie that nobody has buried."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def waited(found, seconds: float = 20):
    until = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return value


_HOLDS = """
import sys, time
from pathlib import Path
from xray_keras import files
with files.exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_lock_of_a_killed_process_is_free_and_that_of_a_living_one_is_waited_for(tmp_path, monkeypatch):
    holder = subprocess.Popen([sys.executable, "-c", _HOLDS, str(tmp_path)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    holder.stdout.readline()
    monkeypatch.setenv(files.LOCK_WAIT, "0.2")
    with pytest.raises(UserError, match="is being worked on by another process"), files.exclusive(tmp_path):
        pass
    monkeypatch.setenv(files.LOCK_WAIT, "20")
    os.kill(holder.pid, signal.SIGKILL)
    with files.exclusive(tmp_path):
        pass
    holder.communicate()


def test_without_ray_the_remedy_is_named(monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert driver.main(["--", "make", "table2"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(
        "xray-keras: ENGINE=ray needs Ray, which is not installed; say .venv/bin/python -m pip"
    )


def test_a_wrong_resource_is_named_before_anything_begins(capsys):
    assert driver.main(["--cpus", "lots", "--", "make", "table2"]) == 2
    assert capsys.readouterr().err.startswith("xray-keras: CPUS=lots is not a number")
