"""How good generated images are, by the features that a network has of them and of real images.

Every number is one of that network: its name belongs beside it, and no published FID or KID compares with it.
"""

from typing import Any

import numpy as np

from xray_keras.errors import UserError
from xray_keras.evaluation import frechet, kernel_distance, neighbours, sample_manifold

KERNEL_RESAMPLES = 200
"""Each is a sum over all pairs of images."""


def measure(
    real: np.ndarray,
    generated: np.ndarray,
    *,
    network: str,
    patients: np.ndarray | None = None,
    resamples: int = KERNEL_RESAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """Fréchet and kernel distance, precision and recall.

    Args:
        real: features of images that no generator was trained on, (N, C).
        generated: features of generated images, (M, C).
        network: whose features, and of which layer; kept beside the numbers.
        patients: patient of each real image, (N,), any kind; None where every image has its own.
        resamples: of the bootstraps, at least 1.
        seed: of the bootstraps and subsets.

    Returns:
        a dictionary without NaN, ready for JSON: "network", "features" (C), "real" and "generated" (images),
        "patients", "resamples", "seed", "frechet", "kernel", "precision", "recall" (a `metrics.Cell` each), and
        "kernel_subsets" (`kernel_distance.Subsets` as a dictionary).

    Raises:
        UserError: a side has too few images or a value that is no finite number; the lengths differ; no network is
            named; as many patients as real images are needed.
    """
    if not network.strip():
        raise UserError("features of no named network were given; name the network and its layer")
    fewest = sample_manifold.K + 1
    real, generated = neighbours.pair(real, generated, ("the real images", "the generated images"), fewest)
    clusters = np.arange(len(real)) if patients is None else np.unique(patients, return_inverse=True)[1]
    if len(clusters) != len(real):
        raise UserError(f"{len(clusters)} patients were given for {len(real)} real images; give one an image")
    shares = sample_manifold.estimate(real, generated, clusters=clusters)
    subsets = kernel_distance.over_subsets(real, generated, seed=seed)
    return {
        "network": network,
        "features": real.shape[1],
        "real": len(real),
        "generated": len(generated),
        "patients": int(clusters.max()) + 1,
        "resamples": resamples,
        "seed": seed,
        "frechet": frechet.estimate(real, generated, clusters=clusters, resamples=resamples, seed=seed),
        "kernel": kernel_distance.estimate(
            real, generated, clusters=clusters, resamples=resamples, seed=seed
        ),
        "kernel_subsets": subsets._asdict(),
        "precision": shares.precision,
        "recall": shares.recall,
    }
