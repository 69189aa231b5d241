import pytest

from tests.reporting.conftest import scores, truth, write_run
from xray_keras.datasets.findings import FINDINGS
from xray_keras.evaluation import calibration, predictions


@pytest.fixture(scope="session")
def make_classifiers(tmp_path_factory):
    """A strong fine-tuned run and a weak run of the last layer alone, of the same images."""

    def make(kind: str = "phantom"):
        base = tmp_path_factory.mktemp("runs") / "sound" / "cohen2019"
        found = []
        for name, row, skill in (
            ("last_layer", "last layer only", 0.1),
            ("chexnet", "CheXNet Weng et al. (2017) DenseNet-121", 1.0),
        ):
            run = write_run(base / name, row, scores(truth(), FINDINGS, skill, 7), kind=kind)
            calibration.write(run.folder, predictions.read(run.predictions))
            found.insert(0, run)
        return found

    return make
