"""ali2019, binary CNN for emphysema (II.A, Table II). Settings: `_baseline.py`."""

from experiments.ali2019._baseline import binary_cnn

EXPERIMENT = binary_cnn("Emphysema")
