"""Computed radiographs: `chest.Phantom`, the COVID-19 phantom `covid`, and what is no adult chest, `ood`."""
