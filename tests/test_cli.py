import subprocess
import sys

from xray_keras import cli, files


def test_errors_are_one_sentence(tmp_path):
    for arguments in (["evaluate", str(tmp_path)], ["cache", str(tmp_path), "--size", "16"]):
        command = [sys.executable, "-m", "xray_keras", *arguments]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.returncode == 2
        assert ended.stderr.startswith("xray-keras: ") and ended.stderr.count("\n") == 1
        assert "Traceback" not in ended.stderr and str(tmp_path) in ended.stderr


def test_the_whole_way_on_a_small_phantom(tmp_path, monkeypatch, capsys):
    """Manifest, cache, training, prediction, evaluation and score through the command line alone."""
    monkeypatch.chdir(tmp_path)
    population = tmp_path / "nih-labelled-80"
    details = {"dataset": "nih", "images": "labelled", "max_images": 80, "data": None, "missing": "error"}
    files.write_json(population / "population.json", details)
    run_folder = tmp_path / "sound" / "ali2019" / "baseline_infiltration"
    config = {
        "row": "BaselineModel", "labels": ["Infiltration"], "model": "binary_cnn", "size": 16,
        "loss": "cross_entropy", "learning_rate": 1e-3, "batch_size": 16, "epochs": 1, "weights": None,
        "trainer": "supervised",
        "model_options": {"dropout": 0.25, "l2": 0.001}, "dataset": "nih", "images": "labelled", "max_images": 80,
        "split": "patient-80-20", "validation": 0.2, "augmentation": "none", "keep": "last", "patience": None,
        "schedule": "constant",
        "optimizer": "adam",
        "seed": 0, "precision": "float32", "scale": "demo", "variant": "sound",
    }  # fmt: skip
    files.write_json(run_folder / "config.json", config)
    card = {"paper": "ali2019", "row": "BaselineModel", "source": "", "assumed": {}}
    files.write_json(run_folder / "card.json", card)
    for arguments in (
        ["manifest", str(population)],
        ["cache", str(population), "--size", "16"],
        ["train", str(run_folder)],
        ["predict", str(run_folder)],
        ["evaluate", str(run_folder)],
        ["table", "ali2019/table2", str(run_folder), "-o", str(tmp_path / "reports" / "table2")],
        ["figure", "ali2019/figure2", str(run_folder), "-o", str(tmp_path / "reports" / "figure2")],
        ["score", str(run_folder / "predictions.parquet"), "--paper", "ali2019", "--table", "table2"],
    ):
        assert cli.main(arguments) == 0, capsys.readouterr().err
    assert "phantom, n = 80" in (tmp_path / "reports" / "table2.md").read_text()
    assert (tmp_path / "reports" / "figure2.png").stat().st_size > 5000
    assert (run_folder / "predictions-table2.md").is_file()
    assert cli.main(["table", "ali2019/table9", str(run_folder), "-o", "x"]) == 2
    assert "no artefact 'ali2019/table9'" in capsys.readouterr().err


def test_leaks_end_with_one_where_a_test_patient_was_trained_on(tmp_path, capsys):
    training, clean, leaking = (tmp_path / name for name in ("training.txt", "clean.txt", "leaking.txt"))
    training.write_text("00000001_000.png\n00000002_000.png\n")
    clean.write_text("00000003_000.png\n")
    leaking.write_text("00000001_001.png\n00000003_000.png\n")
    assert cli.main(["leaks", str(training), str(clean)]) == 0
    assert cli.main(["leaks", str(training), str(leaking)]) == 1
    assert "1 of 2 test patients (50.0%)" in capsys.readouterr().out
    assert cli.main(["leaks", str(training), str(tmp_path / "none.txt")]) == 2


def test_weights_that_are_none_are_refused_in_one_sentence(tmp_path, capsys):
    (tmp_path / "weights.bin").write_bytes(b"no weights")
    assert cli.main(["import-weights", str(tmp_path / "weights.bin"), "-o", str(tmp_path / "m.keras")]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and "weights.bin" in lines[0]
    assert not (tmp_path / "m.keras").exists()


def test_a_run_without_foreign_images_says_so(tmp_path, capsys):
    settings = {"dataset": "nih", "images": "all", "max_images": None, "others": None}
    files.write_json(tmp_path / "config.json", settings)
    assert cli.main(["ood", str(tmp_path)]) == 2
    assert 'names no other data set (others); say others="ood"' in capsys.readouterr().err
