"""Table III of ali2019: the binary CNN of a finding, trained with and without generated images (III.C, IV.A)."""

import dataclasses

from experiments.ali2019._baseline import binary_cnn
from xray_keras.experiment import Experiment

KEPT = 0.5  # of the generated images, those that the discriminator ranks highest


def with_gan(finding: str) -> Experiment:
    """The experiment of one finding: three arms, the same split and number of steps."""
    base = binary_cnn(finding)

    def arms(generated: int) -> dict[str, dict[str, object]]:
        return {
            "without": {},
            "with": {"generated": "pool", "kept": KEPT},
            "unselected": {"generated": "pool", "most": round(KEPT * generated)},
        }

    split = {"split": "patient-80-20"}
    return dataclasses.replace(
        base,
        row=f"BaselineModel, {finding}",
        artefacts=("table3",),
        made_from={"table3": "model.keras"},
        source="III.C, IV.A, Table III",
        trainer="arms",
        arms=arms(10_000),
        arm_seeds=3,
        uses={"model.keras": {"gan": f"ali2019/infogan_{finding.lower()}"}},
        assumed={
            **base.assumed,
            "which generated images": "the discriminator chose them, the rule is not printed; the half that it ranks "
            "highest, beside as many unchosen ones",
            "how they are used": "not printed; as positives, pooled with the training images",
            "steps": "not printed; as many with generated images as without",
            "SCALE=demo": "generated images of 64 pixels are scaled to those of the classifier, as radiographs are",
        },
        demo={
            **base.demo,
            "max_images": 3600,
            "arms": arms(2000),
            "arm_seeds": 2,
            "epochs": 3,
            "learning_rate": 4e-4,
        },
        demo_release={**base.demo_release, "max_images": None, "epochs": 9},
        variants={**base.variants, "printed": split, "code": split},
    )
