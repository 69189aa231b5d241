"""Weights in and out: other people's files → Keras models with a card."""
