#!/bin/bash
# Train with a worker on each node: sbatch slurm.sh FLAGS OF dimapg_tf.train
#
# The chief runs beside the first worker. The run directory must be on a disk that outlives the job.
# With --resume among the flags a job that is started again goes on. TensorFlow's ports have no
# authentication: use it only where users of other jobs do not reach the nodes of this one.
#SBATCH --job-name=dimapg
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=8
#SBATCH --time=24:00:00
#SBATCH --signal=B:TERM@120
set -euo pipefail

PYTHON=${PYTHON:-python}
port=$((20000 + SLURM_JOB_ID % 20000))
mapfile -t hosts < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
workers=$(printf "\"%s:$((port + 1))\"," "${hosts[@]}")
export CLUSTER="{\"chief\": [\"${hosts[0]}:$port\"], \"worker\": [${workers%,}]}"
export PYTHON

srun bash -c 'TF_CONFIG="{\"cluster\": $CLUSTER, \"task\": {\"type\": \"worker\", \"index\": $SLURM_PROCID}}" \
  exec "$PYTHON" -m dimapg_tf.distributed.watched' &
team=$!

TF_CONFIG="{\"cluster\": $CLUSTER, \"task\": {\"type\": \"chief\", \"index\": 0}}" \
  "$PYTHON" -m dimapg_tf.train "$@" &
chief=$!
# Before the time is over, SLURM sends SIGTERM: the chief stops after the iteration.
trap 'kill -TERM $chief' TERM
code=0
wait $chief || code=$?
if kill -0 $chief 2>/dev/null; then code=0; wait $chief || code=$?; fi
kill -TERM $team 2>/dev/null || true
exit $code
