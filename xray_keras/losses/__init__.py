"""Losses: small pure functions of targets and predictions."""
