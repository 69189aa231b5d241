"""ali2019, InceptionV3 with the class-weighted shifts and zooms of III.B (Figs. 2 and 3)."""

import dataclasses

from experiments.ali2019._transfer import AUGMENTED, WEIGHTED_AUGMENTATION
from experiments.ali2019.inception_v3 import EXPERIMENT as PLAIN

EXPERIMENT = dataclasses.replace(PLAIN, **AUGMENTED, assumed={**PLAIN.assumed, **WEIGHTED_AUGMENTATION})
