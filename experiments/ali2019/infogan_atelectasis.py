"""ali2019, InfoGAN for atelectasis (III.C, Table I). Settings: `_infogan.py`."""

from experiments.ali2019._infogan import infogan

EXPERIMENT = infogan("Atelectasis")
