"""One step of ALI (cohen2019 §3.1): the discriminator and, unless it rests, the pair of encoder and generator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from xray_keras.losses import adversarial, distances
from xray_keras.models import ali as networks
from xray_keras.models import ali_discriminator


@dataclass(frozen=True, kw_only=True)
class Options:
    """`model_options` of an ALI run.

    Attributes:
        latent, stochastic: see `models.ali.encoder`.
        width, generator_width: multipliers of the hidden layers' channels, of encoder and discriminator, and of the
            generator, whose last layers have few.
        beta_1, beta_2: of both Adams.
        discriminator_rate: learning rate of the discriminator over that of encoder and generator.
        cycle: weight of the L1 distance between an image and its reconstruction in the loss of encoder and generator;
            0 is ALI as printed, more is ALICE (Li et al. 2017, "Towards understanding adversarial learning for joint
            distribution matching").
    """

    latent: int = 512
    width: float = 1.0
    generator_width: float = 1.0
    stochastic: bool = True
    beta_1: float = 0.5
    beta_2: float = 0.999
    discriminator_rate: float = 1.0
    cycle: float = 0.0


class Ali(keras.Model):
    """The three networks with what trains them; `fit` takes batches of (images (B, 64, 64, 1 or 3) 0–255, anything).

    Every random number comes from generators among the model's variables, see `environment.begin_epoch`.

    Attributes:
        encoder, generator, discriminator: see `models.ali` and `models.ali_discriminator`.
    """

    def __init__(self, options: Options, rates: Mapping[str, Any], smoothing: Mapping[str, Sequence[float]]):
        """Build networks and optimizers with initial weights of Keras' seed.

        Args:
            options: see `Options`.
            rates: learning rates, numbers or schedules, "pair" (encoder and generator) and "discriminator".
            smoothing: ranges (low, high) of targets, "real" and "fake".
        """
        super().__init__(name="ali")
        self.options, self.smoothing = options, dict(smoothing)
        latent, width = options.latent, options.width
        self.encoder = networks.encoder(latent=latent, width=width, stochastic=options.stochastic)
        self.generator = networks.generator(latent=latent, width=options.generator_width)
        self.discriminator = ali_discriminator.build(latent=latent, width=width)
        self.noise = keras.random.SeedGenerator(name="noise")
        self.means = {
            name: keras.metrics.Mean(name=name) for name in ("loss", "generator_loss", "cycle", "halted")
        }
        betas = {"beta_1": options.beta_1, "beta_2": options.beta_2}
        self.compile(optimizer=keras.optimizers.Adam(rates["pair"], **betas), jit_compile=False)
        self.optimizer.build(self._pair)
        self.discriminator_optimizer = keras.optimizers.Adam(rates["discriminator"], **betas)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self.built = True

    @property
    def _pair(self) -> list[keras.Variable]:
        return self.encoder.trainable_variables + self.generator.trainable_variables

    def encode(self, x: tf.Tensor) -> tf.Tensor:
        """Codes of training images (B, 64, 64, 1) in [−1, 1]: (B, latent), drawn from N(μ, σ) where there is a σ."""
        code = self.encoder(x, training=True)
        if "log_sigma" not in code:
            return code["mean"]
        drawn = keras.random.normal(ops.shape(code["mean"]), seed=self.noise)
        return code["mean"] + ops.exp(code["log_sigma"]) * drawn

    def _generate(self, z: tf.Tensor, codes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Images of the prior's codes and, with a cycle, of the encoder's, normalised together as one batch."""
        if not self.options.cycle:
            return self.generator(z, training=True), None
        images, again = ops.split(self.generator(ops.concatenate([z, codes]), training=True), 2)
        return images, again

    def train_step(self, data: Any) -> dict[str, Any]:
        """Gradients of both sides from one pass, as in published code; the pair's are dropped where it is too good."""
        x = data[0][..., :1] / 127.5 - 1.0
        count = ops.shape(x)[0]
        targets = adversarial.draw_targets(count, self.smoothing["real"], self.smoothing["fake"], self.noise)
        z = keras.random.normal((count, self.options.latent), seed=self.noise)
        with tf.GradientTape(persistent=True) as tape:
            codes = self.encode(x)
            images, again = self._generate(z, codes)
            pairs = {"image": ops.concatenate([x, images]), "latent": ops.concatenate([codes, z])}
            real, fake = ops.split(self.discriminator(pairs, training=True), 2)
            loss = adversarial.discriminator_loss(real, fake, targets)
            generator_loss = adversarial.generator_loss(real, fake, targets)
            cycle = 0.0 if again is None else ops.mean(distances.l1(0.5 * x, 0.5 * again))  # of [0, 1]
            total = generator_loss + self.options.cycle * cycle
        theirs = self.discriminator.trainable_variables
        self.discriminator_optimizer.apply(tape.gradient(loss, theirs), theirs)
        gradients = tape.gradient(total, self._pair)
        halted = adversarial.is_too_good(loss)
        tf.cond(halted, lambda: None, lambda: self.optimizer.apply(gradients, self._pair))
        values = {"loss": loss, "generator_loss": generator_loss, "cycle": cycle, "halted": halted}
        for name, value in values.items():
            self.means[name].update_state(ops.cast(value, "float32"))
        return {name: mean.result() for name, mean in self.means.items()}
