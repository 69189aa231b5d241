"""xray_keras: chest X-ray and scene-text papers reproduced in Keras, every printed number checked."""

__version__ = "0.1.0"
