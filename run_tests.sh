#!/usr/bin/env bash
# Runs the tests; makes .venv and installs into it first if it is not there.
# Arguments are handed to pytest, as in: ./run_tests.sh tests/test_trpo.py -x
# Without any, all tests run, a file at a time on each core.
set -euo pipefail
cd "$(dirname "$0")"
source scripts/environment.sh
[ $# -eq 0 ] || exec "$python" -m pytest "$@"

# In two sessions: TensorFlow never gives back a compiled program, and each holds a few dozen mappings of
# memory. All tests in one process come to more than the 65,530 that Linux allows, which is a segmentation
# fault in whatever compiles next.
first=(tests/algorithm tests/baselines tests/rollouts)
parallel=(-n auto --maxprocesses=4 --dist=loadfile)
status=0
"$python" -m pytest "${parallel[@]}" "${first[@]}" || status=$?
[ $status -ne 2 ] || exit 2  # interrupted
"$python" -m pytest "${parallel[@]}" "${first[@]/#/--ignore=}" || status=$?
exit $status
