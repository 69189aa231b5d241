"""ali2019, the binary CNN for infiltration with and without generated images (Table III). Settings: `_with_gan.py`."""

from experiments.ali2019._with_gan import with_gan

EXPERIMENT = with_gan("Infiltration")
