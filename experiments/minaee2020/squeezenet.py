"""minaee2020, SqueezeNet: frozen ImageNet features, last layer trained (III.C, Table IV)."""

from experiments.minaee2020._last_layer import last_layer

EXPERIMENT = last_layer("SqueezeNet", "squeezenet", "table4", "figure8", "figure12")
