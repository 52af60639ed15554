#!/usr/bin/env bash
# Runs the tests; makes .venv and installs into it first if it is not there.
# Arguments are handed to pytest, as in: ./run_tests.sh tests/test_trpo.py -x
# Without any, all tests run, a file at a time on each of two to four cores.
set -euo pipefail
cd "$(dirname "$0")"
source scripts/environment.sh
# Never all in one process: TensorFlow gives back no compiled program, each holds a few dozen mappings of
# memory, and more than the 65,530 that Linux allows are a segmentation fault in whatever compiles next.
cores=$("$python" -c "import os; print(min(4, max(2, os.cpu_count())))")
[ $# -gt 0 ] || set -- -n "$cores" --dist=loadfile
exec "$python" -m pytest "$@"
