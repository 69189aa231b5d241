"""gan_notes: the over-trained generator: a sixteenth of the training patients, more steps. See `_laboratory.py`."""

from experiments.gan_notes._laboratory import generator

EXPERIMENT = generator("sixteenth", epochs=8000, demo_epochs=400, uses={})
