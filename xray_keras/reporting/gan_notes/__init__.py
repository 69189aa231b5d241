"""The page of the course notes, from runs: `(runs, output without suffix) -> None`."""

from xray_keras.reporting.gan_notes.laboratory import laboratory

__all__ = ["laboratory"]
