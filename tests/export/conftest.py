from pathlib import Path

import pytest

from tests.export import tfjs_files


@pytest.fixture(scope="session")
def tfjs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DenseNet-121 for 14 labels in TensorFlow.js' files."""
    return tfjs_files.write(tmp_path_factory.mktemp("tfjs"), tfjs_files.densenet(64, 14))
