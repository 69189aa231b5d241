"""Line integrals of attenuation through the thorax: P(x, y) = Σ μ · chord, dimensionless."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from xray_keras.datasets.phantom import shapes
from xray_keras.datasets.phantom.anatomy import BREAST, SOFT_TISSUE, Thorax
from xray_keras.datasets.phantom.shapes import Array

VESSEL_TREE = ((9, 0.3, 8.5, 0.6), (19, 2.0, 11.0, 0.36), (37, 4.5, 15.0, 0.22))  # spokes, from, to, radius


@dataclass(frozen=True)
class Scene:
    """A batch of thoraces seen by the pixels, all arrays (B, H, W).

    Attributes:
        x, y: body coordinates of each ray, cm.
        side: −1 right, 1 left of the mediastinum's midline.
        lateral: distance from the spine, cm.
        dome: height of this side's diaphragm dome, cm.
        outline: ``q`` of the lung: 0 on its axis, 1 at its border.
        lung: cm of lung along the ray, before any opacity.
    """

    body: Thorax
    pixel: float
    x: Array
    y: Array
    side: Array
    lateral: Array
    dome: Array
    outline: Array
    lung: Array

    def take(self, rows: npt.NDArray[np.intp]) -> "Scene":
        """The scene of some rows."""
        arrays = {
            name: getattr(self, name)[rows]
            for name in ("x", "y", "side", "lateral", "dome", "outline", "lung")
        }
        return replace(self, body=self.body.take(rows), **arrays)

    def wall(self, y: Any) -> Array:
        """Distance of the lung's outer border from the spine at height ``y``."""
        return self.body.centre + shapes.half_chord(_profile(self.body, y), self.body.half_width)

    def chest(self, across: Array, down: Array, side: Array) -> tuple[Array, Array]:
        """A point of one lung from fractions: mediastinum 0 … wall 1, apex 0 … dome 1; returns its x and y."""
        dome = np.where(side < 0, self.body.dome_right, self.body.dome_left)
        y = self.body.apex + down * (dome - self.body.apex)
        return side * (2.5 + across * (self.wall(y) - 2.5)), y


def _profile(body: Thorax, y: Any, apex_inset: Any = 0.0) -> Array:
    """Height's part of the lung outline, blunter than an ellipsoid: (v² + v⁴)/2."""
    v2 = np.square((y - body.waist) * (1 / (body.waist - body.apex - apex_inset)))
    return np.float32(0.5) * (v2 + v2 * v2)


def outline(scene_x: Array, y: Array, body: Thorax, inset: Any = 0.0, apex_inset: Any = 0.0) -> Array:
    """``q`` of the lung (or of one whose outer wall stands ``inset`` and whose apex ``apex_inset`` further in)."""
    u = (np.abs(scene_x) - (body.centre - 0.5 * inset)) * (1 / (body.half_width - 0.5 * inset))
    return u * u + _profile(body, y, apex_inset)


def scene(body: Thorax, size: int) -> Scene:
    """Where each ray passes, and how much lung it crosses once heart, vessels and diaphragm have taken their share."""
    axis = shapes.pixel_centres(size)
    across, down = axis[None, None, :], axis[None, :, None]
    cos, sin = np.cos(body.roll) * body.zoom, np.sin(body.roll) * body.zoom
    x = across * cos + (down * sin + body.off_x)
    y = across * -sin + (down * cos + body.off_y)
    left = x > 0
    side = np.where(left, np.float32(1), np.float32(-1))
    dome = np.where(left, body.dome_left, body.dome_right)
    q = outline(x, y, body)
    half = shapes.half_chord(q, body.lung_depth)

    moved = x - body.shift * shapes.smooth_step((y + 12) * np.float32(0.1))  # the neck stays
    heart = shapes.ellipsoid(
        moved + 4 * body.skew,
        y,
        (body.heart_x, body.heart_y),
        (body.heart_long * body.front, body.heart_short * body.front, 1.1 * body.heart_short * body.front),
        body.heart_tilt,
    )
    taken = shapes.shared(half, np.float32(-2), heart)
    width = 2.6 + 0.4 * body.knob * shapes.smooth_step((y + 9) * np.float32(0.2))
    taken += 2 * np.minimum(half, 12 * np.maximum(1 - np.square(moved / width), 0))
    taken += 2 * shapes.ellipsoid(moved, y, (2.7, -6.0), (body.knob, body.knob * 1.1, body.knob * 1.3))
    taken += 2 * shapes.ellipsoid(moved, y, (2.9, -2.4), (1.3, 2.0, 1.6))  # pulmonary trunk
    hila = (3.7, -0.6 - 0.4 * side)  # half vessel, half air
    taken += shapes.ellipsoid(np.abs(moved), y, hila, (1.5, 2.3, 1.7))

    fall = np.square((x - side * body.centre) * np.float32(1 / 8.4))
    fall += np.square(np.minimum(y - dome - body.dome_height, 0) * (1 / body.dome_height))
    taken += shapes.shared(half, np.float32(-1), shapes.half_chord(fall, np.float32(13)))
    lung = np.maximum(2 * half - taken, 0)
    return Scene(body, shapes.FIELD_OF_VIEW / size, x, y, side, np.abs(x), dome, q, lung)


def soft_tissue(view: Scene) -> Array:
    """Line integral through the body were it solid: trunk, shoulders, neck, breasts; windpipe and stomach gas out."""
    body, x, y = view.body, view.x, view.y
    arm = 16 * shapes.smooth_step((-3 - y) * np.float32(1 / 5))
    width = body.centre + body.half_width + body.flank + arm
    shoulder = -16 + 0.33 * np.maximum(view.lateral - 5, 0)
    thick = body.depth * (1 - 0.3 * shapes.smooth_step((-2 - y) * np.float32(0.1)))
    chord = thick * np.sqrt(np.maximum(1 - np.square(x / width), 0) * np.clip((y - shoulder) * 0.3, 0, 1))
    neck = 6.2 + 8 * np.square(np.minimum(np.maximum(y + 18, 0) * np.float32(0.2), 1))
    chord = np.maximum(chord, shapes.half_chord(np.square(x / neck), np.float32(11)))
    bubble = shapes.ellipsoid(
        x,
        y,
        (5.5, body.dome_left + 1.6 + body.bubble),
        (1.4 * body.bubble + 0.01, body.bubble + 0.01, 1.5 * body.bubble),
    )
    chord -= 2 * bubble
    trachea = x - 0.3 + body.skew * 2
    chord -= shapes.tube(trachea, np.float32(0.85), view.pixel) * shapes.smooth_step((-4.6 - y) * 2)
    # the main bronchi leave at 50° from the axis
    main = (view.lateral - 0.3) * np.float32(0.77) - (y + 4.9) * np.float32(0.64)
    chord -= shapes.tube(main, np.float32(0.6), view.pixel) * ((y > -5) & (y < -1.8))
    hang = y - (6.5 + body.breast)  # a breast thins out upwards, and ends below in a fold
    fold = np.square((view.lateral - body.spread) * np.float32(1 / 5.8)) + np.square(
        hang * np.where(hang > 0, 1 / (3.5 + 0.5 * body.breast), np.float32(1 / 9))
    )
    breast = np.square(np.maximum(1 - fold, 0)) ** np.float32(0.75) * body.breast
    chord *= 1 + np.float32(0.02) * shapes.smooth_field(body.tissue, x.shape[-1])
    return SOFT_TISSUE * chord + 2 * BREAST * breast


def vessels(view: Scene) -> Array:
    """cm of blood vessel along the ray: three generations of branches that fan out of each hilum and thin out.

    One generation is a periodic function of the angle about the hilum, so all its branches are one chord.
    """
    dx, dy = view.lateral - 3.4, view.y + 0.8
    radius = np.sqrt(dx * dx + dy * dy) + np.float32(0.05)
    turn = np.arctan2(dy, dx) * np.float32(0.5 / np.pi) + view.side * 0.31
    phase = view.body.phase
    wave = np.sin(radius * np.float32(0.55) + phase + view.side)
    total = np.zeros_like(dx)
    for spokes, start, end, thickness in VESSEL_TREE:
        angle = turn * spokes + (0.6 + 0.02 * spokes) * wave + phase * spokes
        branch = np.rint(angle)
        strength = 0.65 + 0.35 * np.sin(branch * np.float32(12.9) + phase)
        distance = (angle - branch) * radius * np.float32(2 * np.pi / spokes)
        taper = np.minimum((radius - start) * np.float32(1.2), (end - radius) * np.float32(1 / (end - start)))
        taper = np.clip(taper, 0, 1)
        total += shapes.tube(distance, thickness * strength * taper, view.pixel)
    return total
