"""Which pictures of a collection show text (zhao2019): a filter in front of text detection, without TensorFlow."""
