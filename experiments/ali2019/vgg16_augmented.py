"""ali2019, VGG16 with the class-weighted shifts and zooms of III.B (Figs. 2 and 3)."""

from experiments.ali2019._transfer import augmented
from experiments.ali2019.vgg16 import EXPERIMENT as PLAIN

EXPERIMENT = augmented(PLAIN)
