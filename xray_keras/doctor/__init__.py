"""Is this machine in order? A module a thing that is looked at; nothing is changed, and TensorFlow runs in a child."""
