"""How a phase of a training step runs; `tensorflow` knows the autodiff."""
