#!/usr/bin/env bash
# Runs the paper's experiments and its comparison with the baselines; makes .venv first if need be.
#
#   ./run_experiments.sh [quick|standard|paper] [experiment ...]     --help tells the rest
#
# The plan is in reproduction/plan.py and sizes.py.
set -euo pipefail
cd "$(dirname "$0")"
source scripts/find_python.sh
base=$(find_python)
exec "$base" -m reproduction.experiments "$@"
