"""Tests of the evaluation, against independent oracles."""
