"""zhao2019, what it is compared with: MSP-Net's size, regions and rule, short edge 500 pixels (IV.A, Table I)."""

from experiments.zhao2019._regions import regions

EXPERIMENT = regions(
    "MSP-Net",
    "msp_net",
    ("table1",),
    made_from={"table1": ("metrics.json", "speed.json")},
    options={"rule": "msp_net"},
    demo={
        "learning_rate": 1e-4
    },  # of 25,600 inputs a unit; with 1e-3 all units have been seen to die at once
    demo_options={"network": {"trained_blocks": 0, "units": 64}},
    size=500,
    weights="imagenet",
    # Nothing is learned from the teacher: at SCALE=demo both stand on the same maps, which it has computed by then.
    uses={"model.keras": {"maps": "zhao2019/teacher"}},
)
