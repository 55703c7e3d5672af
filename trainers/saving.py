"""What a trainer puts into a file, and how it comes back."""

from __future__ import annotations

from typing import Any

import keras


class SavedTrainer(keras.Model):
    """Saving of trainers: options, compile arguments, random states.

    Keras saves weights and optimizer slots. It leaves out the states of
    random generators (dropout, shuffled projections), without which training
    could be resumed but would not be the same training.
    """

    def save_own_variables(self, store: Any) -> None:
        """Saves counters, then the random states of all layers."""
        super().save_own_variables(store)
        for index, variable in enumerate(self.random_states()):
            store[f"random_{index}"] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Loads what `save_own_variables` saved.

        Raises:
            ValueError: If the file belongs to another network.
        """
        states = self.random_states()
        # HDF5 entries have `keys` but cannot be iterated themselves.
        entries = {key: store[key] for key in list(store.keys())}
        saved = {k: v for k, v in entries.items() if k.startswith("random_")}
        if len(saved) != len(states):
            raise ValueError(
                f"This trainer has {len(states)} random generators, the file "
                f"holds the states of {len(saved)}: it was saved by another "
                "network or scheme."
            )
        super().load_own_variables(
            {k: v for k, v in entries.items() if k not in saved}
        )
        for index, variable in enumerate(states):
            variable.assign(saved[f"random_{index}"])

    def random_states(self) -> list[keras.Variable]:
        """States of the random generators of all layers."""
        known = {id(variable) for variable in self.weights}
        known |= {id(variable) for variable in self.metrics_variables}
        return [v for v in self.variables if id(v) not in known]

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor.

        Raises:
            NotImplementedError: If the model is not Functional: its variables
                were named by the caller and cannot be named in a file.
        """
        if any(named is not None for named in self._named_variables):
            raise NotImplementedError(
                "A trainer with `shared_variables` cannot be rebuilt from a "
                "file. Use `trainer.save_weights` and `load_weights`, and "
                "`trainer.model.save`."
            )
        serialize = keras.saving.serialize_keras_object
        return {
            "name": self.name,
            "dtype": serialize(self.dtype_policy),
            "model": serialize(self.model),
            "aggregator": serialize(self._given_aggregator),
            "weighting": serialize(self.weighting),
            "gradients": self.gradients,
            "seed": self.seed,
            "telemetry": self.measures,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> Any:
        """Rebuilds the trainer, without its weights."""
        objects: dict[str, Any] = {
            key: keras.saving.deserialize_keras_object(
                config[key], custom_objects=custom_objects
            )
            for key in ("dtype", "model", "aggregator", "weighting")
            if key in config
        }
        return cls(**{**config, **objects})

    def get_compile_config(self) -> dict[str, Any]:
        """What `compile` was given."""
        if not self.compiled:
            return {}
        return {
            name: keras.saving.serialize_keras_object(value)
            for name, value in self._compile_arguments.items()
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles as before saving, and makes the optimizer slots."""
        arguments = {
            name: keras.saving.deserialize_keras_object(value)
            for name, value in config.items()
        }
        self.compile(**arguments)
