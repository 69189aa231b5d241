"""gan_notes: classifiers of a quarter of the training patients. See `_laboratory.py`."""

from experiments.gan_notes._laboratory import SHOWN, classifiers

EXPERIMENT = classifiers("quarter", SHOWN, demo_epochs=16)
