"""Printed facts: one YAML a paper, the only home of printed numbers, and the loader that reads them."""
