from pathlib import Path

import keras
import pytest

from xray_keras import experiment
from xray_keras.errors import UserError
from xray_keras.papers import loader
from xray_keras.training import architectures

ROOT = Path(__file__).parents[2]
FIGURES = sorted({*architectures.ALONE, *architectures.TAUGHT})


def test_an_unknown_figure_is_told_those_that_exist():
    with pytest.raises(
        UserError, match="no figure of an architecture 'zhao2019/figure9'; choose one of"
    ) as told:
        architectures.described("zhao2019/figure9", ROOT)
    assert str(told.value).endswith(", ".join(FIGURES)) and len(FIGURES) == 7


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_is_printed_and_has_its_experiment(figure):
    paper, name = figure.split("/")
    assert name in loader.load(paper)["figures"]
    chosen = {**architectures.ALONE, **architectures.TAUGHT}[figure]
    assert chosen.startswith(f"{paper}/") and experiment.load(chosen, ROOT)


def test_the_fourteen_binary_networks_are_one_architecture():
    names = [name for name in experiment.names(ROOT) if name.startswith("ali2019/baseline_")]
    configs = [
        experiment.resolve(experiment.load(name, ROOT), scale="paper", variant="paper") for name in names
    ]
    assert len(names) == 14 and architectures.ALONE["ali2019/figure1"] in names
    assert len({(each["model"], each["size"], each["model_options"]["dropout"]) for each in configs}) == 1


def test_the_losses_take_what_the_figure_draws():
    """Each function gives one number a picture for the tensors that it is said to take."""
    features, regions = keras.KerasTensor((2, 34, 8)), keras.KerasTensor((2, 34))
    each = keras.KerasTensor((2,))

    def tensor(role, what):
        if role == architectures.DISCRIMINATOR:
            return features if function.__name__ == "reconstruction" else each
        return {"features": features, "regions": regions}[what]

    for function, _, takes, trains in architectures.LOSSES.values():
        extra = (0.5,) if function.__name__ == "discriminator" else ()
        result = function(*(tensor(*one) for one in takes), *extra)
        assert tuple(result.shape) == (2,) and trains in (architectures.STUDENT, architectures.DISCRIMINATOR)
