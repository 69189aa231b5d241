"""zhao2019, the student as proposed: boundaries first, then answers and features (III.C, Tables I and II)."""

from experiments.zhao2019._student import student

EXPERIMENT = student(
    "Our proposed",
    ("table1", "table2", "figure5", "shortcuts"),
    made_from={"figure5": "predictions.parquet", "shortcuts": "shortcuts.json"},
    options={"soft": True, "balance": 0.2, "pretraining": 10},
)
