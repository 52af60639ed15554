#!/usr/bin/env bash
# Runs the tests; makes .venv and installs into it first if it is not there.
# Arguments are handed to pytest, as in: ./run_tests.sh tests/test_trpo.py -x
# Without any, all tests run, a file at a time on each core.
set -euo pipefail
cd "$(dirname "$0")"
source scripts/environment.sh
[ $# -gt 0 ] || set -- -n auto --maxprocesses=4 --dist=loadfile
exec "$python" -m pytest "$@"
