"""A quiet TensorFlow, before any test imports it; then the fixtures."""

from dimapg_tf.experiment.console import prepare_tensorflow

prepare_tensorflow()

pytest_plugins = ["small_worlds"]
