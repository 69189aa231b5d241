"""Data sets: manifests, splits, caches and the embedded phantom."""
