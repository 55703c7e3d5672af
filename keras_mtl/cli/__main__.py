"""`python -m keras_mtl.cli`, the same as `keras-mtl`."""

from keras_mtl.cli import main

main()
