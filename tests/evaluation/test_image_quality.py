import json

import numpy as np
import pytest

from xray_keras.errors import UserError
from xray_keras.evaluation import frechet, image_quality, kernel_distance, sample_manifold

RNG = np.random.default_rng(6)


def test_all_numbers_under_the_name_of_the_network():
    real, generated = RNG.normal(size=(60, 4)), RNG.normal(0.5, 1, (70, 4))
    people = np.repeat([f"p{k}" for k in range(30)], 2)
    found = image_quality.measure(
        real, generated, network="DenseNet-121, pool", patients=people, resamples=30, seed=4
    )
    clusters = np.unique(people, return_inverse=True)[1]
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["network"] == "DenseNet-121, pool"
    assert [found[name] for name in ("features", "real", "generated", "patients")] == [4, 60, 70, 30]
    assert found["frechet"] == frechet.estimate(real, generated, clusters=clusters, resamples=30, seed=4)
    assert found["kernel"] == kernel_distance.estimate(
        real, generated, clusters=clusters, resamples=30, seed=4
    )
    shares = sample_manifold.estimate(real, generated, clusters=clusters)
    assert (found["precision"], found["recall"]) == shares
    assert found["kernel_subsets"]["size"] == 60


def test_what_cannot_be_measured_is_refused():
    real, generated = RNG.normal(size=(9, 2)), RNG.normal(size=(9, 2))
    with pytest.raises(UserError, match="name the network"):
        image_quality.measure(real, generated, network=" ")
    with pytest.raises(UserError, match="the generated images are 3 rows; give at least 4"):
        image_quality.measure(real, generated[:3], network="n")
    with pytest.raises(UserError, match="2 patients were given for 9"):
        image_quality.measure(real, generated, network="n", patients=np.arange(2))
