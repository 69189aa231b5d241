"""zhao2019, the teacher: VGG16's convolutions and 34 regions, hard labels (III.A, Table I)."""

from experiments.zhao2019._regions import HEAD_RATE, regions

EXPERIMENT = regions(
    "Teacher Network",
    "text_teacher",
    ("table1", "figure5"),
    made_from={"figure5": "predictions.parquet"},
    demo={"learning_rate": HEAD_RATE},
    demo_options={"network": {"trained_blocks": 0}},
    weights="imagenet",
)
