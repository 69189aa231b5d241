"""Tables, figures and claims from files that runs wrote; TensorFlow-free."""
