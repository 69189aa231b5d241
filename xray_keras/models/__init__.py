"""Networks: one architecture a file, each a function that returns a functional keras.Model."""
