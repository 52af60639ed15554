#!/usr/bin/env bash
# Runs the tests; makes .venv and installs into it first if it is not there.
# Arguments are handed to pytest, as in: ./run_tests.sh tests/test_trpo.py -x
set -euo pipefail
cd "$(dirname "$0")"
source scripts/environment.sh
exec "$python" -m pytest "$@"
