"""One step of InfoGAN (ali2019 II.C, III.C): the discriminator with its recognition network, then the generator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from xray_keras.losses import adversarial, mutual_information
from xray_keras.models import infogan as networks
from xray_keras.models import infogan_latent as latents

_LABEL = 2  # ways of a label's code: absent, present
SMOOTHING = 0.1
"""Of the targets of real images, one-sided (Salimans et al. 2016, §3.4), where a run asks for it."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """`model_options` of an InfoGAN run.

    Attributes:
        finding: learn from the images with it; None for all of them.
        conditions: labels that are codes as well: the recognition network learns them from real images too, and the
            generator makes images of the labels asked for.
        reading, prior: see `models.infogan_latent`.
        form, width: see `models.infogan`.
        beta_1, beta_2: of both Adams.
        generator_rate: learning rate of the generator over that of the discriminator.
        information: weight of the codes' surprise in either loss (Chen et al. 2016, λ).
        smoothing: what is taken off the target of real images.
        average: largest decay a step of the running average of the generator's weights, which then makes the images
            (Yazıcı et al. 2019, "The unusual effectiveness of averaging in GAN training"); 0 for the last weights.
        generated: images that are made when training has ended.
    """

    finding: str | None = None
    conditions: Sequence[str] = ()
    reading: str = latents.DESCRIBED
    prior: str = latents.UNIFORM
    form: str = networks.TABLE
    width: float = 1.0
    beta_1: float = 0.5
    beta_2: float = 0.999
    generator_rate: float = 5.0
    information: float = 1.0
    smoothing: float = 0.0
    average: float = 0.0
    generated: int = 10_000

    @property
    def latent(self) -> latents.Latent:
        """What the generator takes: the codes of the reading, a two-way one of each condition, noise."""
        plain = latents.reading(self.reading, self.prior)
        return replace(plain, categorical=(*plain.categorical, *[_LABEL] * len(self.conditions)))


def with_labels(options: Options, rows: Any, labels: Any) -> Any:
    """Rows (B, size) of the generator's input, the codes of their conditions set to labels 0 or 1, (B, conditions)."""
    if not options.conditions:
        return rows
    end = sum(options.latent.categorical)
    start = end - _LABEL * len(options.conditions)
    return ops.concatenate([rows[:, :start], _one_hot(labels), rows[:, end:]], axis=-1)


def _one_hot(labels: Any) -> Any:
    """Labels 0 or 1 (B, L) → (B, 2 L): absent and present of each label in turn."""
    return ops.reshape(ops.stack([1.0 - labels, labels], axis=-1), (ops.shape(labels)[0], -1))


class InfoGan(keras.Model):
    """Both networks with what trains them; `fit` takes batches of (images (B, S, S, 1 or 3) 0–255, labels (B, L)).

    Every random number comes from generators among the model's variables, see `environment.begin_epoch`.

    Attributes:
        generator, discriminator: see `models.infogan`.
        painter: the generator that makes the images: the average where there is one.
    """

    def __init__(self, options: Options, rates: Mapping[str, Any], size: int, label_rows: np.ndarray):
        """Build networks and optimizers with initial weights of Keras' seed.

        Args:
            options: see `Options`.
            rates: learning rates, numbers or schedules, "generator" and "discriminator".
            size: side of the images, pixels.
            label_rows: labels that generated images are asked to have, drawn from at random, (N, L).
        """
        super().__init__(name="infogan")
        self.options, self.latent = options, options.latent
        built: dict[str, Any] = {"size": size, "form": options.form, "width": options.width}
        self.generator = networks.generator(self.latent, **built)
        self.painter = networks.generator(self.latent, **built) if options.average else self.generator
        self.painter.set_weights(self.generator.get_weights())
        self.discriminator = networks.discriminator(self.latent, **built)
        self._label_rows = tf.constant(label_rows, tf.float32)
        self.noise = keras.random.SeedGenerator(name="noise")
        self.means = {
            name: keras.metrics.Mean(name=name)
            for name in ("loss", "generator_loss", "accuracy", "information", "label_loss")
        }
        betas = {"beta_1": options.beta_1, "beta_2": options.beta_2}
        self.compile(optimizer=keras.optimizers.Adam(rates["generator"], **betas), jit_compile=False)
        self.optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer = keras.optimizers.Adam(rates["discriminator"], **betas)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self.built = True

    def draw(self, count: Any) -> Any:
        """Rows of the prior, their labels drawn from those given: (count, size)."""
        rows = latents.sample(self.latent, count, self.noise)
        if not self.options.conditions:
            return rows
        chosen = keras.random.randint((count,), 0, len(self._label_rows), seed=self.noise)
        return with_labels(self.options, rows, ops.take(self._label_rows, chosen, axis=0))

    def _follow(self) -> None:
        if self.painter is self.generator:
            return
        # Faster at first: the average would hold on to the initial weights, whose images are all alike.
        steps = ops.cast(self.optimizer.iterations, "float32")
        decay = ops.minimum(self.options.average, steps / (steps + 9.0))
        for average, weight in zip(self.painter.variables, self.generator.variables, strict=True):
            average.assign(weight + decay * (average - weight))

    def surprise(self, rows: Any, seen: Mapping[str, Any]) -> tuple[Any, Any]:
        """Of the codes of generated images: categorical (B, codes) and continuous (B, codes), see `losses`."""
        parts = latents.split(self.latent, rows)
        discrete = mutual_information.categorical(
            parts.categorical, seen["categorical"], self.latent.categorical
        )
        return discrete, mutual_information.gaussian(parts.continuous, seen["mean"], seen.get("log_sigma"))

    def _by_meaning(self, surprises: tuple[Any, Any]) -> tuple[Any, Any]:
        """Surprise of the codes proper, and of the labels asked for: (B, codes) and (B, conditions)."""
        discrete, continuous = surprises
        plain = len(self.latent.categorical) - len(self.options.conditions)
        return ops.concatenate([discrete[:, :plain], continuous], axis=-1), discrete[:, plain:]

    def label_loss(self, labels: Any, seen: Mapping[str, Any]) -> Any:
        """Mean cross-entropy of the real images' labels, summed over conditions; 0 without."""
        if not self.options.conditions:
            return ops.zeros(())
        ways = [_LABEL] * len(self.options.conditions)
        logits = seen["categorical"][:, -sum(ways) :]
        return ops.mean(ops.sum(mutual_information.categorical(_one_hot(labels), logits, ways), axis=-1))

    def train_step(self, data: Any) -> dict[str, Any]:
        """Gradients of both sides from one pass: the two losses share the surprise of the codes.

        What a label looks like is learned from real images alone: learned from generated ones as well, the two networks
        would agree on a sign of their own.
        """
        x, labels = data[0][..., :1] / 127.5 - 1.0, data[1]
        count = ops.shape(x)[0]
        rows = self.draw(count)
        real_target = 1.0 - self.options.smoothing
        targets = adversarial.Targets(ops.full((count, 1), real_target), ops.zeros((count, 1)))
        with tf.GradientTape(persistent=True) as tape:
            images = self.generator(rows, training=True)
            real, fake = (self.discriminator(seen, training=True) for seen in (x, images))
            surprises = self.surprise(rows, fake)
            codes, labels_missed = (ops.mean(ops.sum(part, axis=-1)) for part in self._by_meaning(surprises))
            label_loss = self.label_loss(labels, real)
            loss = adversarial.discriminator_loss(real["logit"], fake["logit"], targets)
            generator_loss = ops.mean(adversarial.sigmoid_cross_entropy(ops.ones((count, 1)), fake["logit"]))
            weight = self.options.information
            totals = (
                loss + weight * (codes + label_loss),
                generator_loss + weight * (codes + labels_missed),
            )
        for total, network, optimizer in zip(
            totals,
            (self.discriminator, self.generator),
            (self.discriminator_optimizer, self.optimizer),
            strict=True,
        ):
            optimizer.apply(tape.gradient(total, network.trainable_variables), network.trainable_variables)
        self._follow()
        right = ops.cast(real["logit"] > 0, "float32") + ops.cast(fake["logit"] < 0, "float32")
        values = {
            "loss": loss,
            "generator_loss": generator_loss,
            "accuracy": ops.mean(right) / 2,
            "information": mutual_information.bound(self.latent.entropy, *surprises),
            "label_loss": label_loss,
        }
        for name, value in values.items():
            self.means[name].update_state(ops.cast(value, "float32"))
        return {name: mean.result() for name, mean in self.means.items()}
