"""How far an exported graph's answers are from the Keras model's, on given images."""

from collections.abc import Callable
from typing import Any, TypeAlias

import keras
import numpy as np
import onnx
import onnxruntime
import tensorflow as tf

from xray_keras.errors import UserError
from xray_keras.models import explanations, penultimate
from xray_keras.training import ali_watch, inputs

Answer: TypeAlias = Callable[[tf.Tensor], np.ndarray]


def session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """The graph in ONNX Runtime, on one thread, so that the same graph gives the same numbers."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def run(
    opened: onnxruntime.InferenceSession, image: np.ndarray, **others: np.ndarray
) -> dict[str, np.ndarray]:
    """Outputs by name, for one image (S, S), 0–255."""
    names = [output.name for output in opened.get_outputs()]
    given = {"image": image[np.newaxis].astype(np.float32), **others}
    return dict(zip(names, opened.run(names, given), strict=True))


def classifier(model: keras.Model, graph: onnx.ModelProto, images: np.ndarray) -> dict[str, Any]:
    """Compare a classifier with its graph.

    Args:
        model: as `to_onnx.classifier` takes it.
        graph: what `classifier_graph` made of it.
        images: uint8 (N, S, S).

    Returns:
        Ready for JSON: "images", N; "probability", the largest absolute difference; "saliency", the largest relative
        L2 difference ‖ours − Keras'‖ / ‖Keras'‖ of all outputs' saliency (rounding alone gives 2e-3); "cam", likewise,
        where the graph has one and Keras' model can be taken apart.
    """
    opened = session(graph)
    found: dict[str, list[float]] = {"probability": [], "saliency": []}
    saliency, cam = _saliency(model), _cam(model)
    explained = np.ones((1, model.outputs[0].shape[1]), np.float32)
    for image in images:
        ours = run(opened, image, explained=explained, explain=np.array(True))
        pixels = inputs.to_input(image[np.newaxis])
        theirs = model.predict_on_batch(pixels)
        found["probability"].append(float(np.abs(ours["probability"] - theirs).max()))
        found["saliency"].append(_relative(ours["saliency"], saliency(pixels)))
        if cam and "cam" in ours:
            found.setdefault("cam", []).append(_relative(ours["cam"], cam(pixels)))
    return {"images": len(images), **{name: max(values) for name, values in found.items()}}


def gate(model: keras.Model, graph: onnx.ModelProto, images: np.ndarray) -> dict[str, Any]:
    """Compare an autoencoder with its graph; as `classifier`, of "reconstruction" (gray levels) and "distance"."""
    opened = session(graph)
    ours = [run(opened, image) for image in images]
    theirs = ali_watch.reconstruct(model, images, 1)
    made = model.predict_on_batch(tf.constant(images[..., None], tf.float32))["reconstruction"][..., 0]
    differences = {
        "reconstruction": np.abs(np.concatenate([each["reconstruction"] for each in ours]) - made).max(),
        "distance": np.abs(np.concatenate([each["distance"] for each in ours]) - theirs["ssim"]).max(),
    }
    return {"images": len(images), **{name: float(value) for name, value in differences.items()}}


def _saliency(model: keras.Model) -> Answer:
    """Equation 3 of all outputs, for any classifier; `explanations.saliency` takes apart what ends in pooling."""
    without = penultimate.logits(model)

    @tf.function(autograph=False)
    def saliency(pixels: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pixels)
            explained = tf.reduce_sum(without(pixels, training=False))
        return tf.nn.relu(tf.reduce_sum(tape.gradient(explained, pixels), axis=-1))

    return lambda pixels: saliency(pixels).numpy()


def _cam(model: keras.Model) -> Answer | None:
    """Equation 4 of each output, not upsampled; None where Keras' model cannot be taken apart."""
    try:
        parts = explanations.take_apart(model)
    except UserError:
        return None
    return lambda pixels: np.einsum("bhwk,kl->blhw", parts.maps(pixels), parts.kernel)


def _relative(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(np.linalg.norm(ours - theirs)) / max(float(np.linalg.norm(theirs)), 1e-30)
