"""zhao2019, the student: from the teacher's answers and, against a discriminator, its features (Equations 2 to 6)."""

from experiments.zhao2019._student import student

EXPERIMENT = student("Soft label + Adversarial", options={"soft": True, "balance": 0.2})
