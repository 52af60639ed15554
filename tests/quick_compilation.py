"""XLA compiles for the tests without optimising; what runs once need not run fast."""

import contextlib
import os
from collections.abc import Iterator

VARIABLE = "XLA_FLAGS"
SWITCH, OFF = "QUICK_COMPILATION", "off"  # as users compile
# LLVM's optimisations, and code for fusions by way of MLIR, which takes longest.
FLAGS = "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false"


@contextlib.contextmanager
def told_to_xla() -> Iterator[None]:
    """XLA must compile its first program in the block: it reads its flags then.

    Processes that tests start have the flags of users, unless they are given `environment()`.
    """
    before = os.environ.get(VARIABLE)
    os.environ.update(environment())
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def environment() -> dict[str, str]:
    """For processes that are to compute the same as this one, bit for bit."""
    own = os.environ.get(VARIABLE, "")
    return {VARIABLE: own if os.environ.get(SWITCH) == OFF else f"{FLAGS} {own}".strip()}
