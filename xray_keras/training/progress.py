"""What a training prints when an epoch has ended."""

from collections.abc import Mapping


def line(name: str, done: int, epochs: int, scores: Mapping[str, float]) -> str:
    """ "vgg16  ███··  epoch 3/5  val_loss 0.512  …": readable also where two runs share the terminal."""
    bar = "█" * round(10 * done / epochs)
    numbers = "  ".join(f"{key} {value:.3f}" for key, value in scores.items())
    return f"{name:<27} {bar:·<10}  epoch {done}/{epochs}  {numbers}"
