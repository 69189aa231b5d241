"""cohen2019, CheXNet: DenseNet-121 from ImageNet weights, 14 sigmoids (section 2, Table 1).

At paper scale an epoch shows 78,000 images of 224 pixels: some three hours on two cores, minutes on a GPU.
"""

from experiments.cohen2019._classifier import CHEXNET

EXPERIMENT = CHEXNET
