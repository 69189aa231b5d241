"""The four networks of minaee2020: one recipe. A published backbone stays as it is, a last layer is trained."""

from xray_keras.experiment import Experiment

ASSUMED = {
    "loss": "not printed; cross-entropy of two classes",
    "optimizer, learning rate": "not printed; Adam, 1e-4",
    "epochs, batch size": "not printed; 100, 20, as in the published script",
    "input size": "not printed; 224, as in the published script",
    "batch-norm statistics": "not printed; frozen (VARIANT=code lets them move, as the published script does)",
    "checkpoint": "not printed; best AUC on a fifth of the training patients, never on the test set",
    "augmentation": "ranges not printed; 16 fixed copies of each COVID-19 image: mirrored, turned, slightly distorted",
    "source of negatives": "CheXpert; where it is absent NIH ChestX-ray14, and the page says so",
}


def last_layer(row: str, architecture: str, *artefacts: str) -> Experiment:
    """ImageNet weights, two outputs, 100 epochs on features that never change.

    Args:
        row: of Table VI.
        architecture: of `xray_keras.models.deep_covid`.
        artefacts: what shows this network alone; all four stand in Table VI and Figure 10.
    """
    return Experiment(
        row=row,
        artefacts=(*artefacts, "table6", "figure10"),
        source="II, III, IV, Tables I to VI, Figs. 2 and 6 to 12",
        labels=("COVID-19",),
        model="deep_covid",
        model_options={"architecture": architecture},
        weights="imagenet",
        dataset="covid_xray_5k",
        images="all",
        size=224,
        loss="cross_entropy",
        learning_rate=1e-4,
        batch_size=20,
        epochs=100,
        split="official",
        validation=0.2,
        keep="best",
        seeds=3,
        cache_features=True,
        assumed=ASSUMED,
        demo={"size": 128, "max_images": 1500},
        demo_release={"size": 224, "max_images": None},
        variants={
            "sound": {},
            "paper": {},
            "code": {
                "model_options": {"architecture": architecture, "moving_statistics": True},
                "cache_features": False,
                "optimizer": "sgd",
                "schedule": "step",
                "validation": 0.1,
                "demo": {"epochs": 8},  # every epoch passes all images through the network
            },
        },
    )
