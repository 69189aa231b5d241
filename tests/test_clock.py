import os
import time

from xray_keras import clock


def test_times_to_come_are_brought_back_in_their_order(tmp_path):
    now, day = time.time_ns(), 86_400_000_000_000
    stamps = {"old": now - day, "model": now + day, "deep/table": now + day + 5, "metrics": now + day + 1}
    for name, stamp in stamps.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
        os.utime(path, ns=(stamp, stamp))
    clock.settle((tmp_path, tmp_path / "absent"))
    found = {name: (tmp_path / name).stat().st_mtime_ns for name in stamps}
    assert found["old"] == stamps["old"]
    assert found["old"] < found["model"] < found["metrics"] < found["deep/table"] < time.time_ns()
    assert found["model"] > now - 10**9
    clock.settle((tmp_path,))
    assert found == {name: (tmp_path / name).stat().st_mtime_ns for name in stamps}
