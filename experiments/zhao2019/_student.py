"""The student of zhao2019, by what it learns from (III.B to III.D, Table II)."""

from collections.abc import Mapping
from typing import Any

from experiments.zhao2019._regions import ASSUMED, regions
from xray_keras.experiment import Experiment

TEACHER = {"model.keras": {"teacher": "zhao2019/teacher"}}
KNOWLEDGE: Mapping[str, str] = {
    **ASSUMED,
    "margin": "u is not printed; 1, as in the code of Heo et al. 2018",
    "pre-training": "length is not printed; 10 epochs, 2 at SCALE=demo, where its learning rate is the formal one's",
    "discriminator": "layers are lost with Figure 4; 512 and 128 wide, 64 and 32 at SCALE=demo",
}
DISCRIMINATOR = [64, 32]
PRETRAINING = {"pretraining": 2, "pretraining_rate": 1.0}


def student(
    row: str, artefacts: tuple[str, ...] = ("table2",), *, options: Mapping[str, Any], **more: Any
) -> Experiment:
    """A student that learns by `options` of `training.regions_step.Options`: three seeds, one to two minutes each."""
    return regions(
        row,
        "text_student",
        artefacts,
        options=options,
        demo={"learning_rate": 2e-3},
        demo_options={
            "network": {"batch_norm_momentum": 0.9},
            "discriminator": DISCRIMINATOR,
            **(PRETRAINING if options.get("pretraining") else {}),
        },
        assumed=KNOWLEDGE if options else ASSUMED,
        seeds=3,
        uses=TEACHER if options else {},
        **more,
    )
