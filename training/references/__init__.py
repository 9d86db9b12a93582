"""Learning to read reference strings: annotated and rendered examples, training and evaluation of the labeller."""
