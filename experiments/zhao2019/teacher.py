"""zhao2019, the teacher: VGG16's convolutions and 34 regions, hard labels (III.A, Table I)."""

from experiments.zhao2019._regions import regions

EXPERIMENT = regions(
    "Teacher Network",
    "text_teacher",
    ("table1", "figure5"),
    made_from={"figure5": "predictions.parquet"},
    demo={"learning_rate": 1e-3},
    demo_options={"network": {"trained_blocks": 0}},
    weights="imagenet",
)
