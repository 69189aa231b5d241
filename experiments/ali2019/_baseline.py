"""The fourteen binary CNNs of ali2019: one recipe, one table of settings.

The paper prints ranges and rules (III.D), not the setting of each finding. The rules: the more images, the lower the
learning rate; batches of 512 for rare findings; weighted cross-entropy for the frequent ones; beta without a trend.
"""

from typing import NamedTuple

from xray_keras.experiment import Experiment


class Settings(NamedTuple):
    learning_rate: float
    batch_size: int
    dropout: float
    l2: float
    loss: str


WEIGHTED, PLAIN = "weighted_cross_entropy", "cross_entropy"

SETTINGS = {  # from the most frequent finding to the rarest
    #                               lr      batch  dropout  beta   loss
    "Infiltration":       Settings(1.0e-6, 128,   0.25,    0.01,  WEIGHTED),
    "Effusion":           Settings(1.0e-6, 128,   0.25,    0.01,  WEIGHTED),
    "Atelectasis":        Settings(1.0e-6, 128,   0.25,    0.01,  WEIGHTED),
    "Nodule":             Settings(2.0e-6, 128,   0.25,    0.01,  WEIGHTED),
    "Mass":               Settings(2.0e-6, 128,   0.25,    0.01,  WEIGHTED),
    "Pneumothorax":       Settings(2.0e-6, 128,   0.25,    0.01,  WEIGHTED),
    "Consolidation":      Settings(3.0e-6, 256,   0.25,    0.01,  WEIGHTED),
    "Pleural_Thickening": Settings(3.0e-6, 256,   0.25,    0.01,  WEIGHTED),
    "Cardiomegaly":       Settings(5.0e-6, 256,   0.25,    0.01,  PLAIN),
    "Emphysema":          Settings(5.0e-6, 256,   0.25,    0.01,  PLAIN),
    "Edema":              Settings(5.0e-6, 256,   0.25,    0.01,  PLAIN),
    "Fibrosis":           Settings(1.0e-5, 512,   0.25,    0.01,  PLAIN),
    "Pneumonia":          Settings(1.0e-5, 512,   0.25,    0.01,  PLAIN),
    "Hernia":             Settings(1.0e-5, 512,   0.25,    0.01,  PLAIN),
}  # fmt: skip


def binary_cnn(finding: str) -> Experiment:
    """The experiment of one finding; at demo scale few, small images and a learning rate that learns from them."""
    chosen = SETTINGS[finding]
    return Experiment(
        row="BaselineModel",
        artefacts=("table2",),
        source="II.A, Fig. 1, III.D, Table II",
        labels=(finding,),
        model="binary_cnn",
        model_options={"dropout": chosen.dropout, "l2": chosen.l2},
        size=128,
        loss=chosen.loss,
        learning_rate=chosen.learning_rate,
        batch_size=chosen.batch_size,
        epochs=50,
        assumed={
            "padding, activations": "not printed; same, ReLU (Fig. 1 names neither)",
            "optimizer": "not printed; Adam",
            "epochs": "not printed; 50",
            "settings of each finding": "ranges and rules are printed (III.D); the values are chosen by them",
            "beta": "not said what it regularises; the kernel of the dense layer, squared norm",
            "class weight": "formula not printed; negatives / positives of the training part",
            "split": "not printed; the cells fit 80/20 by image (VARIANT=paper)",
        },
        demo={
            "size": 40,
            "max_images": 2400,
            "batch_size": 32,
            "epochs": 10,
            "learning_rate": 2e-4,
            "model_options": {"dropout": chosen.dropout, "l2": 1e-5},
            "precision": "mixed_bfloat16",
        },
        demo_release={"size": 48},
    )
