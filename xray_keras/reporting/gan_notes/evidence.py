"""What verdicts are made of."""

from collections.abc import Mapping
from typing import NamedTuple

from xray_keras.reporting.gan_notes.audits import Audit
from xray_keras.reporting.gan_notes.diversity import Measured
from xray_keras.reporting.gan_notes.found import Found


class Evidence(NamedTuple):
    """The runs; by share of the patients, each generator's diversity and its privacy audit."""

    found: Found
    measured: Mapping[str, Measured]
    audits: Mapping[str, Audit]
