"""ali2019, InfoGAN for pneumonia (III.C, Table I). Settings: `_infogan.py`."""

from experiments.ali2019._infogan import infogan

EXPERIMENT = infogan("Pneumonia")
