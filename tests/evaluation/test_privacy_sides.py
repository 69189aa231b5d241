import numpy as np

from xray_keras.evaluation import privacy_sides

RNG = np.random.default_rng(5)


def test_one_image_each_is_drawn_among_a_patients_own():
    patients = np.repeat(["a", "b", "c"], [1, 3, 6])
    side = privacy_sides.Side(*(np.arange(10) for _ in range(4)))._replace(patients=patients)
    drawn = [side.one_each(3, seed) for seed in range(60)]
    assert all(sorted(one.patients) == ["a", "b", "c"] for one in drawn)
    assert set(np.concatenate([one.images for one in drawn])) == set(range(10))
    fewer = [side.one_each(2, seed).patients for seed in range(60)]
    assert all(len(names) == 2 for names in fewer) and set(np.concatenate(fewer)) == {"a", "b", "c"}
    assert list(side.without(np.array(["c"])).images) == [0, 1, 2, 3]


def test_identity_among_pairs_of_one_view():
    # A view moves an image farther than the patient: all pairs are confused, those of one view are not.
    patients, views = np.repeat(np.arange(12), 4).astype(str), np.tile(["PA", "PA", "AP", "AP"], 12)
    vectors = np.stack([np.repeat(np.arange(12.0), 4), 50.0 * (views == "AP")], axis=1)
    vectors += RNG.normal(0, 0.1, vectors.shape)
    side = privacy_sides.Side(np.zeros((48, 2, 2), np.uint8), patients, views, vectors)
    found = privacy_sides.recognised(side, 0)
    assert found["same_view"]["value"] > 0.99 > found["verification"]["value"] + 0.1
    nobody = privacy_sides.recognised(side.one_each(12, 0), 0)
    assert nobody["rank_one"]["value"] is None and nobody["chance"] is None
    assert "two images" in nobody["same_view"]["reason"]
    one_view = side.take(np.flatnonzero(views == "PA"))._replace(views=np.tile(["PA", "AP"], 12))
    assert "one view" in privacy_sides.recognised(one_view, 0)["same_view"]["reason"]
