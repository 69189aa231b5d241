"""Not in the paper: the last layer of CheXNet alone, on ImageNet features; what fine-tuning has to beat (Table 1)."""

from experiments.cohen2019._classifier import last_layer_only

EXPERIMENT = last_layer_only()
