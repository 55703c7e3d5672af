"""What the tasks of a Keras model share, and what each has of its own."""

from keras_mtl.graph.compression import compressed
from keras_mtl.graph.partition import partition
from keras_mtl.graph.partition_report import Partition, describe_partition
from keras_mtl.graph.split import Split, split

__all__ = [
    "Partition",
    "Split",
    "compressed",
    "describe_partition",
    "partition",
    "split",
]
