"""minaee2020, DenseNet-121: frozen ImageNet features, last layer trained (III, Table V)."""

from experiments.minaee2020._last_layer import last_layer

EXPERIMENT = last_layer("Densenet-121", "densenet121", "table5", "figure9")
