"""ali2019, InceptionV3: all layers trained from ImageNet weights, 14 sigmoids (II.B.1, Table II)."""

from experiments.ali2019._transfer import transfer

EXPERIMENT = transfer(
    "PretrainedInceptionV3",
    "inception_v3",
    size=299,
    assumed={"input size": "not printed; 299, the network's own", "learning rate": "not printed; 1e-4"},
    # Few steps: a higher rate that falls, and moving statistics that follow sooner than Keras' 0.99 lets them.
    demo={
        "size": 128,
        "epochs": 3,
        "learning_rate": 4e-4,
        "schedule": "cosine",
        "model_options": {"dropout": 0.5, "batch_norm_momentum": 0.9},
    },
    demo_release={"size": 192, "epochs": 5},
)
