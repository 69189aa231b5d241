"""gan_notes: the generator that learns from all training patients; its price of anonymity. See `_laboratory.py`."""

from experiments.gan_notes._laboratory import IDENTITY, generator

EXPERIMENT = generator(
    "all",
    epochs=250,
    demo_epochs=14,
    uses={"deidentified.parquet": {"identity": IDENTITY, "classifier": "gan_notes/classifiers_all"}},
)
