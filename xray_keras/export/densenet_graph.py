"""DenseNet-121 recognised in a graph: its steps are walked from the output to the input, whatever they are called.

What a concatenation reads says which block and layer a convolution belongs to; a shape alone would not. Factors and
summands that batch normalisation was folded to, and the biases that it was folded into, become batch normalisation
with mean 0 and a variance that makes its denominator 1.
"""

from graphlib import CycleError, TopologicalSorter

import numpy as np

from xray_keras.errors import UserError
from xray_keras.export.classifier import BLOCKS, Classifier, Tensor, folded, normalisation
from xray_keras.export.steps import Graph, Step

_MOST_PARTS = 1000
"""That a concatenation of concatenations may have: a dense block has at most 25 maps."""


def read(graph: Graph) -> Classifier:
    """Walk the graph and name its tensors.

    Raises:
        UserError: another network; a tensor that is left over or used twice.
    """
    try:
        TopologicalSorter({name: step.inputs for name, step in graph.steps.items()}).prepare()
    except CycleError:
        raise UserError(
            f"{graph.origin} reads what it makes itself; give a DenseNet-121 classifier"
        ) from None
    return _Walk(graph).classifier()


class _Walk:
    def __init__(self, graph: Graph):
        self.graph = graph
        self.tensors: dict[str, Tensor] = {}
        self.used: dict[str, str] = {}

    def classifier(self) -> Classifier:
        name = self.graph.output
        logits = self.at(name).op != "sigmoid"
        if not logits:
            name = self.take(name, "sigmoid").inputs[0]
        name = self.head(name)
        last = self.take(name, "average_pool")
        x = self.normalised(last.inputs[0], "bn")
        for stage in (5, 4, 3, 2):
            x = self.block(x, stage)
            if stage > 2:
                pool = self.take(x, "average_pool", size=2, stride=2, padding=0)
                x = self.convolution(pool.inputs[0], f"pool{stage - 1}_conv", 1, 1, 0)
                x = self.normalised(x, f"pool{stage - 1}_bn")
        x, padding = self.padded(x, "max_pool", size=3, stride=2)
        self.expect(padding == 1, x, "pooling padded by one pixel")
        x = self.normalised(x, "conv1_bn")
        x = self.convolution(x, "conv1_conv", 7, 2, 3)
        x, scale, offset = self.affine(x)
        self.take(x, "input")
        self.check_left_over()
        floats = [name for name in self.used if np.issubdtype(self.graph.tensors[name].dtype, np.floating)]
        scaling = None if scale is None or offset is None else (scale, offset)
        return Classifier(self.tensors, scaling, logits, len(floats))

    def block(self, name: str, stage: int) -> str:
        """A dense block from its last concatenation; returns what it begins with."""
        parts = self.parts(name)
        self.expect(len(parts) == BLOCKS[stage] + 1, name, f"{BLOCKS[stage]} dense layers in stage {stage}")
        for number in range(len(parts) - 1, 0, -1):
            layer = f"conv{stage}_block{number}"
            x = self.convolution(parts[number], f"{layer}_2_conv", 3, 1, 1)
            x = self.normalised(x, f"{layer}_1_bn")
            x = self.convolution(x, f"{layer}_1_conv", 1, 1, 0)
            x = self.normalised(x, f"{layer}_0_bn")
            self.expect(
                self.parts(x) == parts[:number], x, f"what {layer} reads: all maps before it, in order"
            )
        return parts[0]

    def head(self, name: str) -> str:
        name, scale, offset = self.affine(name)
        step = self.take(name, "dense")
        kernel = self.weight(step, "kernel", "probabilities/kernel")
        classes = kernel.value.shape[-1]
        self.expect(
            scale is None or bool((scale == 1).all()), name, "a dense layer without a factor behind it"
        )
        bias = np.zeros(classes, np.float32) if offset is None else offset
        if "bias" in step.weights:
            bias = bias + self.weight(step, "bias", "probabilities/bias").value
        self.tensors["probabilities/kernel"] = kernel
        self.tensors["probabilities/bias"] = Tensor(name, bias.astype(np.float32))
        return step.inputs[0]

    def convolution(self, name: str, layer: str, size: int, stride: int, padding: int) -> str:
        below, found = self.padded(name, "conv", stride=stride)
        step = self.at(name)
        kernel = self.weight(step, "kernel", f"{layer}/kernel")
        self.expect(kernel.value.shape[:2] == (size, size), name, f"a convolution of {size} × {size}")
        self.expect(
            found == padding or (found == "same" and stride == 1), name, f"padding of {padding} pixels"
        )
        if "bias" in step.weights and step.weights["bias"] not in self.used:
            raise UserError(
                f"{self.graph.origin} has a bias {step.weights['bias']} where DenseNet-121 has none ({layer})"
            )
        self.tensors[f"{layer}/kernel"] = kernel
        return below

    def padded(self, name: str, op: str, **settings: int) -> tuple[str, int | str]:
        """A step and the padding step before it as one: (what it reads, pixels on each side)."""
        step = self.take(name, op, **settings)
        own = step.settings["padding"]
        below = step.inputs[0]
        if self.at(below).op != "pad":
            return below, own
        pad = self.take(below, "pad")
        return pad.inputs[0], pad.settings["padding"] if own == 0 else f"{pad.settings['padding']} + {own}"

    def normalised(self, name: str, layer: str) -> str:
        """ReLU over batch normalisation, or over what it was folded to."""
        name = self.take(name, "relu").inputs[0]
        step = self.at(name)
        before = self.at(step.inputs[0]) if step.op == "affine" else step
        if "gamma" in step.weights and before.op != "affine" and "bias" not in before.weights:
            step = self.take(name, "affine")
            four = [self.weight(step, role, layer) for role in ("gamma", "beta", "mean", "variance")]
            self.tensors |= normalisation(layer, four, step.settings["epsilon"])
            return step.inputs[0]
        below, scale, offset = self.affine(name)
        under = self.at(below)
        if under.op == "conv" and "bias" in under.weights:
            bias = self.weight(under, "bias", layer).value.astype(np.float64)
            offset = (0 if offset is None else offset) + bias * (1 if scale is None else scale)
        self.expect(scale is not None or offset is not None, name, f"a normalisation ({layer})")
        self.tensors |= folded(layer, name, scale, offset)
        return below

    def affine(self, name: str) -> tuple[str, np.ndarray | None, np.ndarray | None]:
        """Factors and summands one upon the other as one of each, float64 (channels,); None where there is none."""
        chain = []
        while self.at(name).op == "affine":
            chain.append(self.take(name, "affine"))
            name = chain[-1].inputs[0]
        if not chain:
            return name, None, None
        scale, offset = np.float64(1), np.float64(0)
        for step in reversed(chain):
            values = {role: self.vector(step, role) for role in step.weights}
            if "gamma" in values:
                factor = values["gamma"] / np.sqrt(values["variance"] + step.settings["epsilon"])
                summand = values["beta"] - values["mean"] * factor
            else:
                factor = values.get("scale", np.float64(1))
                summand = values.get("offset", np.float64(0)) * step.settings.get("sign", 1)
            scale, offset = scale * factor, offset * factor + summand
        size = max(np.size(scale), np.size(offset))
        return name, np.broadcast_to(scale, size), np.broadcast_to(offset, size)

    def vector(self, step: Step, role: str) -> np.ndarray:
        value = self.weight(step, role, "").value
        if value.size != max(value.shape, default=1):
            raise UserError(
                f"{self.graph.origin} has {step.weights[role]} of shape {value.shape}, not one number a channel"
            )
        return value.astype(np.float64).reshape(-1)

    def weight(self, step: Step, role: str, layer: str) -> Tensor:
        name = step.weights[role]
        if name in self.used and self.graph.tensors[name].size > 1:
            raise UserError(f"{self.graph.origin} uses {name} twice, for {self.used[name]} and {layer}")
        self.used[name] = layer
        return Tensor(name, self.graph.tensors[name])

    def parts(self, name: str) -> list[str]:
        """The maps that a concatenation holds, in order, concatenations of concatenations laid open."""
        found: list[str] = []
        waiting = [name]
        for _ in range(_MOST_PARTS):
            if not waiting:
                return found
            name, step = self.resolve(waiting.pop())
            if step.op == "concat":
                waiting += reversed(step.inputs)
            else:
                found.append(name)
        raise UserError(
            f"{self.graph.origin} concatenates too much at {name}; give a DenseNet-121 classifier"
        )

    def resolve(self, name: str) -> tuple[str, Step]:
        step = self.graph.steps[name]
        while step.op == "same":
            name = step.inputs[0]
            step = self.graph.steps[name]
        return name, step

    def at(self, name: str) -> Step:
        return self.resolve(name)[1]

    def take(self, name: str, op: str, **settings: int) -> Step:
        name, step = self.resolve(name)
        self.expect(step.op == op, name, op)
        for key, value in settings.items():
            self.expect(step.settings.get(key) == value, name, f"{op} with {key} {value}")
        return step

    def expect(self, holds: bool, name: str, wanted: str) -> None:
        if not holds:
            name, step = self.resolve(name)
            raise UserError(
                f"{self.graph.origin} is not a DenseNet-121 classifier: at {name} stands {step.op} "
                f"{dict(step.settings) or ''}".rstrip()
                + f" where {wanted} was expected; give one"
            )

    def check_left_over(self) -> None:
        for name, value in self.graph.tensors.items():
            if name not in self.used and np.issubdtype(value.dtype, np.floating):
                raise UserError(
                    f"{self.graph.origin} has {name}, which DenseNet-121 has no place for; give a DenseNet-121"
                )
