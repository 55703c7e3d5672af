"""Imports TensorFlow without its start-up lines."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

from keras_mtl.errors import ConfigError


def start_keras() -> None:
    """Imports TensorFlow and Keras, silently unless that fails.

    Raises:
        ConfigError: If Keras is set to another backend.
    """
    if "tensorflow" in sys.modules and "keras" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with silenced():
        import keras
        import tensorflow as tf

        # What the search for a GPU has to say belongs to the start, too.
        tf.config.list_physical_devices()
    if keras.backend.backend() != "tensorflow":
        raise ConfigError(
            "keras-mtl needs the TensorFlow backend of Keras. Received: "
            f"{keras.backend.backend()!r}. Unset KERAS_BACKEND, or set it to "
            "tensorflow (also `backend` in ~/.keras/keras.json)."
        )


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """Holds back what is written to descriptor 2.

    TensorFlow writes there from C++, whatever its log level. If the block
    raises, everything is shown after all.
    """
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # the standard error is closed
        yield
        return
    with tempfile.TemporaryFile() as written:
        os.dup2(written.fileno(), 2)
        try:
            yield
        except BaseException:
            _restore(kept)
            written.seek(0)
            os.write(2, written.read())
            raise
        _restore(kept)


def _restore(kept: int) -> None:
    os.dup2(kept, 2)
    os.close(kept)
