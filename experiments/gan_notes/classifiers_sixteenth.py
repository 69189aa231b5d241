"""gan_notes: classifiers of a sixteenth of the training patients. See `_laboratory.py`."""

from experiments.gan_notes._laboratory import SHOWN, classifiers

EXPERIMENT = classifiers("sixteenth", SHOWN, demo_epochs=32)
