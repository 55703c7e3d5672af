"""What the tasks of a Keras model share, and what each has of its own."""

from keras_mtl.graph.split import Split, split

__all__ = ["Split", "split"]
