"""ali2019, InfoGAN for effusion (III.C, Table I). Settings: `_infogan.py`."""

from experiments.ali2019._infogan import infogan

EXPERIMENT = infogan("Effusion")
