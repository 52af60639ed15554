"""A quiet TensorFlow, before any test imports it; then the fixtures."""

import zlib

import pytest
import quick_compilation
import shared_programs

from dimapg_tf.experiment import program_names
from dimapg_tf.experiment.console import prepare_tensorflow

with quick_compilation.told_to_xla():
    prepare_tensorflow()
shared_programs.begin()

pytest_plugins = ["small_worlds"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Each test finds its programs in XLA's cache, whichever tests ran before it."""
    program_names.begin(2 + zlib.crc32(item.nodeid.encode()))
