import pandas as pd
import pytest
from matplotlib import pyplot as plt
from PIL import Image

from xray_keras.errors import UserError
from xray_keras.reporting import drawing


def figure():
    made, panel = plt.subplots(figsize=(2, 1))
    panel.plot([1, 2], [3, 4], label="a line")
    panel.legend()
    return made


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        drawing.save(figure(), tmp_path / name / "curve")
    for suffix in (".png", ".svg"):
        first, second = ((tmp_path / name / f"curve{suffix}").read_bytes() for name in ("one", "two"))
        assert first == second
    with Image.open(tmp_path / "one" / "curve.png") as picture:
        assert picture.size == (300, 150)
    assert not plt.get_fignums()


def test_a_figure_with_its_page(tmp_path):
    drawing.write(
        figure(), tmp_path / "figure1", title="A figure", alt="rises", paragraphs=["On a phantom.", "Below."],
        tidy=pd.DataFrame({"value": [1]}),
    )  # fmt: skip
    assert {path.name for path in tmp_path.iterdir()} == {f"figure1.{s}" for s in ("png", "svg", "csv", "md")}
    text = (tmp_path / "figure1.md").read_text()
    assert text.startswith("# A figure\n\nOn a phantom.\n\n![rises](figure1.png)\n\nBelow.\n\n*")
    newest = max(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    assert newest.name == "figure1.png"  # make's mark


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    made = figure()
    with pytest.raises(UserError, match="cannot write"):
        drawing.save(made, tmp_path / "file" / "curve")
    plt.close(made)
