"""gan_notes: the generator that learns from a quarter of the training patients. See `_laboratory.py`."""

from experiments.gan_notes._laboratory import generator

EXPERIMENT = generator("quarter", epochs=1000, demo_epochs=52, uses={})
