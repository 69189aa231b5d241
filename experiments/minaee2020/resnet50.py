"""minaee2020, ResNet50: frozen ImageNet features, last layer trained (III.B, Table III)."""

from experiments.minaee2020._last_layer import last_layer

EXPERIMENT = last_layer("ResNet50", "resnet50", "table3", "figure7", "figure11")
