"""One step of a network that says of each region whether it holds text (zhao2019 III.C, III.D).

It learns from hard labels, from a teacher's activation boundaries (Equation 1), or from a teacher's answers and,
against a discriminator that learns alongside, its features (Equations 2 to 6).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from xray_keras.losses import distillation
from xray_keras.models import region_autoencoder
from xray_keras.training import optimizers

Loss = Callable[..., Any]  # (options, output, hard labels, the teacher's features, its answers) → (B,)


@dataclass(frozen=True, kw_only=True)
class Options:
    """`model_options` of a run of regions.

    Attributes:
        network: arguments of the model's `build`.
        rule: what makes a region's hard label, see `datasets.region_labels.label`.
        views: how many views of a picture there are, shown in turn; 0 for another one each epoch.
        pictures_seed: of the split and of the views: one for all networks, so that seeds of runs differ in weights and
            order alone.
        soft: learn the teacher's answers, not the labels.
        balance: b of Equation 2, weight of the adversarial loss; 0 for none.
        pretraining: epochs in which the student learns the teacher's activation boundaries, before all others.
        pretraining_rate: learning rate of these over that of the others.
        margin: u of Equation 1.
        discriminator: widths of the autoencoder, see `models.region_autoencoder`.
        discriminator_rate: its learning rate over the student's.
        control_rate, ratio: f_k and n of Equation 6.
    """

    network: dict[str, Any] = field(default_factory=dict)
    rule: str = "area"
    views: int = 0
    pictures_seed: int = 0
    soft: bool = False
    balance: float = 0.0
    pretraining: int = 0
    pretraining_rate: float = 0.1
    margin: float = 1.0
    discriminator: Sequence[int] = region_autoencoder.WIDTHS
    discriminator_rate: float = 2.0
    control_rate: float = 1e-3
    ratio: float = 0.75

    @property
    def taught(self) -> bool:
        """Whether there is a teacher."""
        return self.soft or bool(self.balance) or bool(self.pretraining)


class Learning(keras.Model):
    """A network with what trains it.

    `fit` takes batches of (input, hard labels (B, M)), or with a teacher of (input, hard labels, the teacher's features
    (B, M, d), the teacher's answers (B, M)).

    Attributes:
        network: input → {"regions": (B, M), "features": (B, M, d)}.
        means: of an epoch, by name; "loss" is the network's.
    """

    names: tuple[str, ...] = ("loss",)

    def __init__(self, network: keras.Model, options: Options, loss: Loss):
        """Take a network, and the loss (B,) of its output and a batch."""
        super().__init__(name="learning")
        self.network, self.options, self._loss_of = network, options, loss
        self.means = {name: keras.metrics.Mean(name=name) for name in self.names}
        self.built = True

    def adjust(self, config: Mapping[str, Any], history: Sequence[Mapping[str, float]]) -> None:
        """Set the learning rate of the next epoch, see `optimizers.adjust`."""
        optimizers.adjust(self.optimizer, config, history)

    def train_step(self, batch: tuple[Any, ...]) -> dict[str, Any]:
        """One step of the network's optimizer; the means so far."""
        x, *known = batch
        with tf.GradientTape() as tape:
            found = self.network(x, training=True)
            losses = self._loss_of(self.options, found, *known)
            loss = ops.mean(losses)
        variables = self.network.trainable_variables
        # Boundaries say nothing of the last layer, whose moments must be there all the same when a run is taken up.
        gradients = tape.gradient(
            loss, [each.value for each in variables], unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        self.optimizer.apply(gradients, variables)
        return self._told({"loss": losses})

    def _told(self, losses: dict[str, Any]) -> dict[str, Any]:
        for name, values in losses.items():
            self.means[name].update_state(values)
        return {name: mean.result() for name, mean in self.means.items()}


def from_labels(options: Options, found: dict[str, Any], labels: Any, *taught: Any) -> Any:
    """Loss of hard labels, (B,)."""
    return distillation.hard_regions(labels, found["regions"])


def from_boundaries(options: Options, found: dict[str, Any], labels: Any, features: Any, answers: Any) -> Any:
    """Loss of the teacher's activation boundaries (Equation 1), (B,)."""
    return distillation.activation_boundary(features, found["features"], options.margin)


def from_answers(options: Options, found: dict[str, Any], labels: Any, features: Any, answers: Any) -> Any:
    """Loss of the teacher's answers (Equation 3), (B,)."""
    return distillation.soft_regions(answers, found["regions"])


class FromAdversary(Learning):
    """Learns the teacher's answers and features, the latter against a discriminator (Equations 2 to 6).

    Attributes:
        discriminator: an autoencoder of features.
        control: k of Equation 6.
    """

    names = ("loss", "answers_loss", "generator_loss", "discriminator_loss", "control")

    def __init__(self, network: keras.Model, options: Options, discriminator: keras.Model):
        """Take a network and its discriminator; `compile` gives the optimizer of the former."""
        super().__init__(network, options, from_answers)
        self.discriminator = discriminator
        self.control = keras.Variable(0.0, trainable=False, name="control")

    def compile_pair(self, student: keras.optimizers.Optimizer, other: keras.optimizers.Optimizer) -> None:
        """Compile with an optimizer of the student and one of the discriminator."""
        self.discriminator_optimizer = other
        self.compile(optimizer=student)

    def adjust(self, config: Mapping[str, Any], history: Sequence[Mapping[str, float]]) -> None:
        """As above, of both; that of the discriminator stays `discriminator_rate` times the student's."""
        super().adjust(config, history)
        faster = config["learning_rate"] * self.options.discriminator_rate
        optimizers.adjust(self.discriminator_optimizer, {**config, "learning_rate": faster}, history)

    def train_step(self, batch: tuple[Any, ...]) -> dict[str, Any]:
        """One step of either optimizer, then of k; the means so far."""
        x, _, features, answers = batch
        options = self.options
        with tf.GradientTape() as of_student, tf.GradientTape() as of_discriminator:
            found = self.network(x, training=True)
            seen = ops.stop_gradient(found["features"])
            real = distillation.reconstruction(self.discriminator(features, training=True), features)
            fake = distillation.reconstruction(self.discriminator(seen, training=True), seen)
            judged = ops.mean(distillation.discriminator(real, fake, self.control))
            # The features that the discriminator sees, with the way back to the student.
            generated = distillation.reconstruction(
                self.discriminator(found["features"], training=False), found["features"]
            )
            told = from_answers(options, found, None, features, answers)
            losses = {"loss": distillation.student(told, generated, options.balance)}
            loss = ops.mean(losses["loss"])
        for tape, value, model, optimizer in (
            (of_student, loss, self.network, self.optimizer),
            (of_discriminator, judged, self.discriminator, self.discriminator_optimizer),
        ):
            variables = model.trainable_variables
            optimizer.apply(tape.gradient(value, variables), variables)
        self.control.assign(
            distillation.next_k(
                self.control, ops.mean(real), ops.mean(fake), options.control_rate, options.ratio
            )
        )
        return self._told(
            {
                **losses,
                "answers_loss": told,
                "generator_loss": generated,
                "discriminator_loss": judged,
                "control": self.control,
            }
        )
