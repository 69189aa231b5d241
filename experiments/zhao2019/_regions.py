"""Networks of text regions (zhao2019 III, IV): what they share.

Cost at paper scale: the teacher some 80 G multiplications a picture and step, 11,302 pictures an epoch. Demo: three
minutes of a core for the maps of VGG16, then about one a network.
"""

from collections.abc import Mapping
from typing import Any

from xray_keras.experiment import Experiment

OPTIONS: Mapping[str, Any] = {"network": {}, "rule": "area", "views": 0, "pictures_seed": 0}
DEMO: Mapping[str, Any] = {
    "size": 112,
    "max_images": 1020,
    "optimizer": "adam",
    "batch_size": 8,
    "schedule": "cosine",
    "epochs": 8,
}
VIEWS = 2
FILTER: Mapping[str, Any] = {"size": 160, "max_images": 4800, "epochs": 12}
"""The same on more and larger pictures: VARIANT=filter trains what `xray-keras textfilter` comes with."""
RELEASE: Mapping[str, Any] = {"max_images": None, "size": 128, "epochs": 16}
ASSUMED: Mapping[str, str] = {
    "layers": "sizes and strides are lost with Figures 2 to 4; candidate C of the printed sizes",
    "epochs": "not printed; 30",
    "momentum": "not printed; 0.9",
    "rotation": "angles are not printed; up to 10° either way, edges repeated",
    "validation": "not printed; a tenth of the training part, for thresholds and curves",
    "SCALE=demo": "short edge 112 pixels (128 of photographs), 1,020 pictures, batches of 8, Adam, cosine decay, two "
    "fixed views of each picture, frozen convolutions in the large networks",
}


def regions(
    row: str,
    model: str,
    artefacts: tuple[str, ...],
    *,
    options: Mapping[str, Any] = OPTIONS,
    demo: Mapping[str, Any],
    demo_options: Mapping[str, Any],
    assumed: Mapping[str, str] = ASSUMED,
    **more: Any,
) -> Experiment:
    """The experiment of one network.

    Args:
        row: as printed. model: module. artefacts: that show it.
        options: of `training.regions_step.Options`.
        demo, demo_options: what SCALE=demo changes beside `DEMO`, in the experiment and in the options.
        assumed: what the paper leaves open.
    """
    stated = {**OPTIONS, **options}
    return Experiment(
        **{
            "row": row,
            "artefacts": artefacts,
            "source": "III, IV.B, Tables I and II",
            "labels": ("Text",),
            "dataset": "scene_text",
            "images": "all",
            "trainer": "regions",
            "model": model,
            "model_options": stated,
            "size": 256,
            "loss": "binary_cross_entropy",
            "optimizer": "sgd",
            "learning_rate": 1e-4,
            "schedule": "loss-plateau",
            "batch_size": 1,
            "epochs": 30,
            "split": "official",
            "augmentation": "flip+rotation",
            "assumed": assumed,
            "demo": {**DEMO, **demo, "model_options": {**stated, "views": VIEWS, **demo_options}},
            "demo_release": RELEASE,
            "variants": {"sound": {}, "paper": {}, "filter": {"demo": FILTER}},
            **more,
        }
    )
