import dataclasses
import re
import shutil
from pathlib import Path

import pytest

from xray_keras import experiment, files, plan
from xray_keras.errors import UserError

ROOT = Path(__file__).parents[1]
SETTINGS = {
    "data": None,
    "scale": "demo",
    "variant": "sound",
    "precision": None,
    "missing": "error",
    "seed": 0,
}


@pytest.fixture
def root(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "experiments", tmp_path / "experiments")
    monkeypatch.chdir(ROOT)  # experiments import their recipes from the checkout
    return tmp_path


def configs(root: Path) -> dict[str, int]:
    return {path.parent.name: path.stat().st_mtime_ns for path in root.rglob("config.json")}


def test_damaged_settings_are_written_again(root):
    plan.write(root, root / "plan.mk", **SETTINGS)
    path = root / "runs/phantom-demo/sound/ali2019/baseline_hernia/config.json"
    content = path.read_bytes()
    for damaged in (content[:100], content.replace(b'"epochs": 10', b'"epochs": 90'), content + b" "):
        path.write_bytes(damaged)
        (root / "plan.mk").write_bytes(b"\xff")
        plan.write(root, root / "plan.mk", **SETTINGS)
        assert path.read_bytes() == content and (root / "plan.mk").read_text().startswith("runs/")


def test_the_stamp_of_a_cache_that_was_deleted_is_dropped(root):
    plan.write(root, root / "plan.mk", **SETTINGS)
    population = next((root / "runs/phantom-demo").glob("nih-labelled-*"))
    for name in ("manifest.csv", "40.cached", "0123456789abcdef-40.npy", "0123456789abcdef-40.json"):
        (population / name).touch()
    plan.write(root, root / "plan.mk", **SETTINGS)
    assert (population / "40.cached").exists()
    for name in ("manifest.csv", "0123456789abcdef-40.json"):
        (population / "40.cached").touch()
        (population / name).rename(population / "aside")
        plan.write(root, root / "plan.mk", **SETTINGS)
        assert not (population / "40.cached").exists()
        (population / "aside").rename(population / name)


def test_plan_names_every_dependency(root):
    plan.write(root, root / "plan.mk", **SETTINGS)
    text = (root / "plan.mk").read_text()
    run = "runs/phantom-demo/sound/ali2019/baseline_hernia"
    line = next(
        line for line in text.splitlines() if line.startswith("reports/phantom/ali2019/table2.md: runs")
    )
    assert line.count("metrics.json") == 16 and f"{run}/metrics.json" in line
    assert f"{run}/model.keras {run}/predictions.parquet: runs/phantom-demo/nih-labelled-" in text
    assert "ali2019-table2 table2: reports/phantom/ali2019/table2.md" in text
    assert "ali2019-figure3 figure3: reports/phantom/ali2019/figure3.png" in text
    assert (root / run / "config.json").is_file()


def test_a_run_made_with_another_waits_for_it_in_its_own_variant(root):
    plan.write(root, root / "plan.mk", **{**SETTINGS, "variant": "code"})
    run, gan = (f"runs/phantom-demo/code/ali2019/{name}_nodule" for name in ("with_gan", "infogan"))
    text = (root / "plan.mk").read_text()
    assert f"{run}/model.keras {run}/predictions.parquet: {gan}/model.keras" in text.splitlines()
    config = files.read_json(root / run / "config.json")
    assert experiment.used(Path(run), config, "gan") == Path(gan)
    with pytest.raises(UserError, match="names no run as its teacher"):
        experiment.used(Path(run), config, "teacher")


def test_a_run_that_uses_one_that_is_not_there_is_named(root, monkeypatch):
    def load(name, folder, original=experiment.load):
        found = original(name, folder)
        return (
            dataclasses.replace(found, uses={"model.keras": {"gan": "ali2019/none"}}) if found.uses else found
        )

    monkeypatch.setattr(experiment, "load", load)
    with pytest.raises(UserError, match="uses ali2019/none, which VARIANT=sound does not have; correct uses"):
        plan.write(root, root / "plan.mk", **SETTINGS)


def test_planning_again_touches_nothing(root):
    plan.write(root, root / "plan.mk", **SETTINGS)
    before = configs(root), (root / "plan.mk").stat().st_mtime_ns
    plan.write(root, root / "plan.mk", **SETTINGS)
    assert (configs(root), (root / "plan.mk").stat().st_mtime_ns) == before


def test_another_seed_changes_every_config(root):
    plan.write(root, root / "plan.mk", **SETTINGS)
    before = configs(root)
    plan.write(root, root / "plan.mk", **{**SETTINGS, "seed": 1})
    after = configs(root)
    assert all(after[name] > before[name] for name in before if "-seed" not in name)


def test_variants_do_not_overwrite_each_other(root):
    plan.write(root, root / "plan.mk", **{**SETTINGS, "variant": "paper"})
    text = (root / "plan.mk").read_text()
    assert "reports/phantom/ali2019/table2-paper.md: runs/phantom-demo/paper/" in text
    config = files.read_json(root / "runs/phantom-demo/paper/ali2019/vgg16/config.json")
    assert config["split"] == "image-80-20"


def test_a_release_is_a_prerequisite_and_a_subset(root, tmp_path):
    data = tmp_path / "my data"
    (data / "nih-chestxray14" / "images").mkdir(parents=True)
    (data / "nih-chestxray14" / "Data_Entry_2017.csv").touch()
    plan.write(root, root / "plan.mk", **{**SETTINGS, "data": data})
    text = (root / "plan.mk").read_text()
    assert "reports/subset/ali2019/table2.md" in text
    assert "my\\ data/nih-chestxray14/Data_Entry_2017.csv" in text
    assert plan.data_name(data) != plan.data_name(tmp_path / "other" / "my data")


def test_several_seeds_are_several_runs_of_one_row(root):
    plan.write(root, root / "plan.mk", **{**SETTINGS, "seed": 5})
    text = (root / "plan.mk").read_text()
    line = next(
        line for line in text.splitlines() if line.startswith("reports/phantom/minaee2020/table6.md: runs")
    )
    assert line.count("metrics.json") == 12
    base = root / "runs/phantom-demo/sound/minaee2020"
    seeds = [
        files.read_json(base / name / "config.json")["seed"]
        for name in ("resnet18", "resnet18-seed6", "resnet18-seed7")
    ]
    assert seeds == [5, 6, 7]
    assert {files.read_json(path)["row"] for path in base.glob("resnet18*/card.json")} == {"ResNet18"}


def test_a_variant_leaves_out_papers_that_lack_it(root):
    plan.write(root, root / "plan.mk", **{**SETTINGS, "variant": "code"})
    text = (root / "plan.mk").read_text()
    assert "reports/phantom/minaee2020/table6-code.md: runs" in text and "ali2019/table2" not in text
    with pytest.raises(
        UserError,
        match=r"VARIANT=codes is unknown; choose one of code, filter, official, paper, printed, sound",
    ):
        plan.write(root, root / "plan.mk", **{**SETTINGS, "variant": "codes"})


def test_chester_scores_foreign_images_and_explains(root):
    plan.write(root, root / "plan.mk", **SETTINGS)
    text = (root / "plan.mk").read_text()
    run = "runs/phantom-demo/sound/cohen2019"
    assert f"{run}/ali/ood.parquet: runs/phantom-demo/ood-all/64.cached" in text
    assert f"{run}/chexnet/ood.parquet: runs/phantom-demo/ood-all/128.cached" in text
    (line,) = (
        line for line in text.splitlines() if line.startswith("reports/phantom/cohen2019/ood.md: runs")
    )
    assert set(line.split()[1:]) == {f"{run}/ali/ood.parquet", f"{run}/chexnet/ood.parquet"}
    assert f"reports/phantom/cohen2019/figure8.png: {run}/chexnet/explanations.parquet" in text
    assert files.read_json(root / "runs/phantom-demo/ood-all/population.json")["dataset"] == "ood"


def test_full_releases_of_foreign_images_are_limited_at_demo_scale(root, tmp_path):
    (tmp_path / "nih-chestxray14" / "images").mkdir(parents=True)
    plan.write(root, root / "plan.mk", **{**SETTINGS, "data": tmp_path})
    (found,) = (path.parent for path in root.glob("runs/*/ood-*/population.json"))
    limit = files.read_json(found / "population.json")["max_images"]
    assert limit and found.name == f"ood-all-{limit}"


def test_outside_a_checkout_the_remedy_is_named(tmp_path):
    with pytest.raises(UserError, match=r"experiments holds no experiment; go to the folder of the Makefile"):
        plan.write(tmp_path, tmp_path / "plan.mk", **SETTINGS)


def test_a_data_folder_of_any_name_gives_runs_that_make_can_name(tmp_path):
    name = plan.data_name(tmp_path / "my data, $1: 50%")
    assert re.fullmatch(r"my_data___1__50_-[0-9a-f]{6}", name)
    assert name != plan.data_name(tmp_path / "my data, $1: 51%")
    assert plan.data_name(tmp_path / "data").startswith("data-")


def test_a_data_folder_that_is_absent_leaves_nothing_behind(root, tmp_path):
    with pytest.raises(UserError, match="datas is no folder; give the one above your data sets"):
        plan.write(root, root / "plan.mk", **{**SETTINGS, "data": tmp_path / "datas"})
    assert not (root / "runs").exists()


def test_a_misspelt_missing_is_refused_before_anything_is_written(root):
    with pytest.raises(UserError, match="MISSING=skipp is unknown; choose one of error, skip"):
        plan.write(root, root / "plan.mk", **{**SETTINGS, "missing": "skipp"})
    assert not (root / "plan.mk").exists() and not (root / "runs").exists()
