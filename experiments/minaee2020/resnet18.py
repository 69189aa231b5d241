"""minaee2020, ResNet18: frozen ImageNet features, last layer trained (III.B, Table II)."""

from experiments.minaee2020._last_layer import last_layer

EXPERIMENT = last_layer("ResNet18", "resnet18", "table1", "table2", "figure2", "figure6")
