from pathlib import Path

import onnx
import pytest

from tests.fuzz.onnx_files import _onnx_bad, _onnx_classifier
from tests.fuzz.reader import Outside
from xray_keras.errors import Damaged
from xray_keras.untrusted import onnx_models

SENTENCES = {
    "tensors beside it": "lies in another file",
    "tensors anywhere": "lies in another file",
    "tensors of the system": "lies in another file",
    "a loop": "holds a graph",
    "a tensor that claims terabytes": "is cut, or its sides are wrong",
    "an operation of its own": "not of ONNX",
}


@pytest.mark.parametrize("what", SENTENCES)
def test_hostile_models_are_refused(what: str, tmp_path: Path) -> None:
    made = _onnx_bad("a.onnx", _onnx_classifier)(Outside(tmp_path))
    assert made.keys() == SENTENCES.keys()
    (tmp_path / "a.onnx").write_bytes(made[what]["a.onnx"])
    with pytest.raises(Damaged, match=SENTENCES[what]):
        onnx_models.read(tmp_path / "a.onnx")


def test_a_sound_model_is_read_and_its_operations_told() -> None:
    model = onnx_models.parsed(_onnx_classifier())
    assert len(list(onnx_models.tensors(model.graph))) == 7
    onnx_models.check_operations(model, {node.op_type for node in model.graph.node})
    with pytest.raises(Damaged, match="an operation Conv"):
        onnx_models.check_operations(model, ["Relu"])


@pytest.mark.parametrize("content", [b"", b"\x08\x07", b"no model", bytes(40)])
def test_what_is_no_model_is_refused(content: bytes) -> None:
    with pytest.raises(Damaged):
        onnx_models.parsed(content)


def test_all_types_of_tensors_are_measured() -> None:
    plain = onnx.helper.make_tensor
    for kind, size in onnx_models._SIZES.items():
        assert size == onnx.helper.tensor_dtype_to_np_dtype(kind).itemsize
        for tensor in (plain("a", kind, [2], [1, 1]), plain("a", kind, [2], bytes(2 * size), raw=True)):
            onnx_models._check(tensor)
            tensor.dims[0] = 3
            with pytest.raises(Damaged, match="is cut"):
                onnx_models._check(tensor)
