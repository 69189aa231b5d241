"""A loss that draws images of one patient together and pushes those of others apart."""

import math
from typing import Any

import keras
from keras import ops


def nt_xent(patients: keras.KerasTensor, embeddings: keras.KerasTensor, temperature: float) -> Any:
    """Cross-entropy of finding, among all other images of the batch, the one of the same patient, in nats.

    The normalised temperature-scaled cross-entropy of Chen et al. (2020, "A simple framework for contrastive learning
    of visual representations", ICML, Equation 1), whose pairs are two views of an image; here they are two images of a
    patient. Every image is compared with all others of the batch, not with one as in the contrastive loss of Hadsell et
    al. (2006) or in a verification head: few images teach more so.

    Args:
        patients: (B,) or (B, 1), numbers; each occurs exactly twice.
        embeddings: (B, D) float, of length 1.
        temperature: τ > 0, by which cosines are divided.

    Returns:
        (B,) float, at least 0; log(B − 1) where all embeddings are equal.
    """
    patients = ops.reshape(patients, (-1,))
    itself = ops.eye(ops.shape(embeddings)[0], dtype="bool")
    partner = ops.logical_and(patients[:, None] == patients, ops.logical_not(itself))
    similarity = ops.matmul(embeddings, ops.transpose(embeddings)) / temperature
    log_p = ops.log_softmax(ops.where(itself, -math.inf, similarity), axis=-1)
    return -ops.sum(ops.where(partner, log_p, 0.0), axis=-1)
