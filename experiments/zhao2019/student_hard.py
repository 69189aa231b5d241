"""zhao2019, the student: from hard labels of regions (IV.C, Table II)."""

from experiments.zhao2019._student import student

EXPERIMENT = student("Hard label", options={})
