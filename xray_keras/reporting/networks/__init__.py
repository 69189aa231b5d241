"""Figures of architectures, drawn from what the built networks are."""
