#!/usr/bin/env bash
# Runs experiments; makes .venv and installs into it first if it is not there.
#
#   ./run_experiments.sh quick     DiMA-PG learns Cooperative Navigation with 3 agents, in minutes
#
# Every command that it runs is printed and can be copied. Finished and broken runs are gone on with.
set -euo pipefail
cd "$(dirname "$0")"

usage="usage: ./run_experiments.sh quick"
if [ $# -ne 1 ] || [ "$1" != quick ]; then
  echo "$usage" >&2
  exit 2
fi
source scripts/environment.sh

run() {
  echo "+ $*"
  "$@"
}

logdir=runs/quick/cooperative_navigation_3/dimapg_trpo/seed_1
run "$python" -m dimapg_tf.train \
  --flagfile=configs/env/cooperative_navigation_3.flags \
  --flagfile=configs/algorithm/dimapg_trpo.flags \
  --seed=1 --episodes=10000 --logdir="$logdir" --resume
run "$python" -m dimapg_tf.evaluate "$logdir" --episodes 100
echo
echo "The results are in $logdir: metrics.csv has the learning curve, evaluation.json the table."
echo "Learning curves in a browser: .venv/bin/tensorboard --logdir runs/quick"
