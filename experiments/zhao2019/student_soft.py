"""zhao2019, the student: from the teacher's answers (Equation 3, Table II)."""

from experiments.zhao2019._student import student

EXPERIMENT = student("Soft label", options={"soft": True})
