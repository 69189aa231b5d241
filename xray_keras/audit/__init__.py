"""Do the printed numbers hold together? Checks that need no data, no model and no TensorFlow."""
