"""ali2019, InceptionV3: all layers trained from ImageNet weights, 14 sigmoids (II.B.1, Table II).

Cost: paper scale about 2 h on one GPU; demo scale about 3 minutes on two cores.
"""

from experiments.ali2019._transfer import ASSUMED, COMMON
from xray_keras.experiment import Experiment

EXPERIMENT = Experiment(
    **COMMON,
    row="PretrainedInceptionV3",
    artefacts=("table2", "figure2", "figure3"),
    model="inception_v3",
    model_options={"dropout": 0.5},
    size=299,
    learning_rate=1e-4,
    assumed={
        **ASSUMED,
        "input size": "not printed; 299, the network's own",
        "learning rate": "not printed; 1e-4",
    },
    demo={"size": 128, "max_images": 2400, "epochs": 3},
)
