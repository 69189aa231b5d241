"""From predictions to numbers: metrics, intervals, operating points, comparisons; no TensorFlow."""
