"""gan_notes: classifiers of all training patients, in every arm; their attacks. See `_laboratory.py`."""

from experiments.gan_notes._laboratory import (
    BALANCED,
    OVERTRAINED,
    SHARES_GENERATED,
    SHOWN,
    SIMPLE,
    classifiers,
)

EXPERIMENT = classifiers(
    "all",
    {**SHOWN, **SHARES_GENERATED, **BALANCED, **OVERTRAINED, **SIMPLE},
    demo_epochs=8,
    gans={"overtrained": "gan_notes/infogan_sixteenth"},
    made_from={"laboratory": "attacks.parquet"},
)
