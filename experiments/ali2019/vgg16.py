"""ali2019, VGG16: ImageNet weights, all but the last four layers frozen, 14 sigmoids (II.B.2, III.D, Table II).

Cost: paper scale about 1 h on one GPU; demo scale about 2 minutes on two cores.
"""

from experiments.ali2019._transfer import ASSUMED, COMMON
from xray_keras.experiment import Experiment

EXPERIMENT = Experiment(
    **COMMON,
    row="PretrainedVGG16",
    artefacts=("table2", "figure2", "figure3"),
    model="vgg16",
    model_options={"dropout": 0.5},
    size=224,
    learning_rate=1e-4,
    assumed={
        **ASSUMED,
        "input size": "not printed; 224, the network's own",
        "head": "not printed; as InceptionV3's",
    },
    demo={"size": 128, "max_images": 2400, "epochs": 5},
)
