"""Training loops: a resolved config and cached images in, model and history out."""
