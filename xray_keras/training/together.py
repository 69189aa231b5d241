"""Train several classifiers in one pass over their images: one reading, one augmentation, and an optimizer each.

Nothing is approximated. Runs that share images, split, seed and batch size draw the same images in the same order with
the same maps, and each network learns from them with weights, dropout, loss and optimizer of its own. So every run
ends with the numbers of a training alone, on a CPU to the last bit and on a GPU as far as it repeats its own, and
either may go on where the other was interrupted.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from xray_keras import experiment, files
from xray_keras.errors import UserError
from xray_keras.training import environment, inputs
from xray_keras.training.checkpoints import Checkpoints
from xray_keras.training.supervised import Training

Step = Callable[[tf.Tensor, tf.Tensor], list[tf.Tensor]]
Answer = Callable[[tf.Tensor], list[tf.Tensor]]


def train(runs: Sequence[Path], population: Path) -> list[Path]:
    """Train the runs together; publish in each what `supervised.train` does, and in its environment.json with whom.

    Goes on after the last completed epoch of each; those that have been trained with their settings are left alone.

    Args:
        runs: the runs' folders. Their settings differ in the label, and in nothing else that decides what an epoch
            shows, see `experiment.one_pass`.
        population: folder with the manifest and the image cache of all.

    Returns:
        the runs that were trained now.

    Raises:
        UserError: runs that cannot be trained in one pass; else as `supervised.train`.
    """
    configs = [files.read_json(run / "config.json") for run in runs]
    shown = [_shown(run, config) for run, config in zip(runs, configs, strict=True)]
    if alone := [run for run, found in zip(runs, shown, strict=True) if found is None or found != shown[0]]:
        raise UserError(f"{alone[0]} does not see the same images in one order as {runs[0]}; train it alone")
    data = [inputs.open_data(population, config) for config in configs]
    with contextlib.ExitStack() as held:
        for run in runs:
            held.enter_context(files.exclusive(run))
        checkpoints = [
            Checkpoints(run, {"config": config, "data": found.fingerprint})
            for run, config, found in zip(runs, configs, data, strict=True)
        ]
        open_ones = [k for k, kept in enumerate(checkpoints) if not kept.ended("model.keras")]
        trainings = [Training(population, configs[k], data[k], checkpoints[k]) for k in open_ones]
        _train(trainings, [runs[k].name for k in open_ones])
    return [runs[k] for k in open_ones]


def _shown(run: Path, config: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Population and settings that decide what an epoch shows; None for a run that is trained alone."""
    shared = experiment.one_pass(config)
    return shared and (experiment.population_folder(run, config), shared)


def _train(trainings: Sequence[Training], names: Sequence[str]) -> None:
    pupils: list[Training] = []
    for epoch in range(max((training.config["epochs"] for training in trainings), default=0)):
        taught = [training for training in trainings if epoch in training.remaining]
        if not taught:
            continue
        if taught != pupils:  # some have been interrupted earlier, or end
            pupils, models = taught, [training.trained for training in taught]
            step, answer = joint_step(models), joint_answer(models)
        losses = _learn(pupils, epoch, step)
        answers = _held_out(pupils[0], answer)
        for training, loss, said in zip(pupils, losses, answers, strict=True):
            training.completed(epoch, loss, said)
    for training in trainings:
        training.publish(names)


def _learn(trainings: Sequence[Training], epoch: int, step: Step) -> list[float]:
    """Train all for one epoch; the mean loss of each."""
    first, drawn = trainings[0], _shared_draw(trainings, epoch)
    rows = first.rows[first.data.part("train")]
    targets = np.concatenate([training.targets for training in trainings], axis=1)
    for training in trainings:
        environment.begin_epoch(training.trained, epoch)
        training.trained.reset_metrics()
    for x, y in inputs.batches_of(first.images, rows, targets, drawn, first.config["batch_size"]):
        losses = step(x, y)
    return [float(loss) for loss in losses]


def _shared_draw(trainings: Sequence[Training], epoch: int) -> inputs.Draw:
    """What the epoch shows to each.

    Raises:
        UserError: not the same to all.
    """
    first, *others = (training.draw(epoch) for training in trainings)
    for other in others:
        maps = () if first.maps is None or other.maps is None else (first.maps, other.maps)
        alike = np.array_equal(*maps) if maps else first.maps is other.maps
        if not (alike and np.array_equal(first.order, other.order)):
            raise UserError("these runs would not see the same images in one order; train each alone")
    return first


def joint_step(models: Sequence[keras.Model]) -> Step:
    """A function of a batch that trains each model as Keras' `fit` does.

    All are one graph, so that TensorFlow computes them side by side and the input's scaling once. On a GPU each is
    compiled where `fit` would compile it.

    Args:
        models: compiled with an optimizer of `optimizers.build`, of one label each.

    Returns:
        function of images float32 (B, S, S, 3) and targets float32 (B, models), column by column those of a model; it
        returns the mean loss of each since its metrics were reset.
    """
    steps = [
        tf.function(model.train_step, autograph=False, reduce_retracing=True, jit_compile=model.jit_compile)
        for model in models
    ]
    images = tf.TensorSpec(models[0].input_shape, tf.float32)

    # A graph that returned nothing would not be optimized: slower, and other last bits than those of `fit`.
    @tf.function(autograph=False, input_signature=[images, tf.TensorSpec((None, len(models)), tf.float32)])
    def step(x: tf.Tensor, y: tf.Tensor) -> list[tf.Tensor]:
        return [train((x, y[:, k : k + 1]))["loss"] for k, train in enumerate(steps)]

    return step


def joint_answer(models: Sequence[keras.Model]) -> Answer:
    """A function of images float32 (B, S, S, 3) that gives what each model says of them, (B, outputs) each."""

    images = tf.TensorSpec(models[0].input_shape, tf.float32)

    @tf.function(autograph=False, input_signature=[images])
    def answer(x: tf.Tensor) -> list[tf.Tensor]:
        return [model(x, training=False) for model in models]

    return answer


def _held_out(training: Training, answer: Answer) -> list[np.ndarray]:
    """What each model says of the validation images, (N, outputs) each."""
    batches = inputs.in_order(training.images, training.held_out(), training.config["batch_size"])
    answers = [[found.numpy() for found in answer(x)] for x in batches]
    return [np.concatenate(parts) for parts in zip(*answers, strict=True)]
