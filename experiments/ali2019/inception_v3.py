"""ali2019, InceptionV3: all layers trained from ImageNet weights, 14 sigmoids (II.B.1, Table II)."""

from experiments.ali2019._transfer import transfer

EXPERIMENT = transfer(
    "PretrainedInceptionV3",
    "inception_v3",
    size=299,
    assumed={"input size": "not printed; 299, the network's own", "learning rate": "not printed; 1e-4"},
    # Few steps: the moving statistics must reach radiographs sooner than Keras' momentum of 0.99 lets them.
    demo={"size": 128, "epochs": 3, "model_options": {"dropout": 0.5, "batch_norm_momentum": 0.9}},
    demo_release={"size": 192, "epochs": 5, "learning_rate": 2e-4, "schedule": "cosine"},
)
