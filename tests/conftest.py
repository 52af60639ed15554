"""A quiet TensorFlow, before any test imports it; then the fixtures."""

import gc
import zlib

import pytest
import quick_compilation

from dimapg_tf.experiment import program_names
from dimapg_tf.experiment.console import prepare_tensorflow

with quick_compilation.told_to_xla():
    prepare_tensorflow()
# Not before: it imports TensorFlow, which reads what `prepare_tensorflow` sets.
import shared_programs

shared_programs.begin()
# Tracing makes many objects that live on: looking for rubbish among them all took a tenth of it.
gc.freeze()
gc.set_threshold(50_000, 20, 20)

pytest_plugins = ["small_worlds"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Each test finds its programs in XLA's cache, whichever tests ran before it."""
    program_names.begin(2 + zlib.crc32(item.nodeid.encode()))
