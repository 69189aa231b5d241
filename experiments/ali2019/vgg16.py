"""ali2019, VGG16: ImageNet weights, all but the last four layers frozen, 14 sigmoids (II.B.2, III.D, Table II)."""

from experiments.ali2019._transfer import transfer

EXPERIMENT = transfer(
    "PretrainedVGG16",
    "vgg16",
    size=224,
    assumed={
        "input size": "not printed; 224, the network's own",
        "head": "not printed; as InceptionV3's, with batch normalisation",
    },
    demo={"size": 128, "epochs": 5},
    demo_release={"size": 224, "epochs": 6, "schedule": "cosine"},
)
