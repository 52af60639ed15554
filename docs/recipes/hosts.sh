#!/bin/bash
# Train with workers on several hosts: hosts.sh HOST... -- FLAGS OF dimapg_tf.train
#
# Run it on the host of the chief, as CHIEF=its address ./hosts.sh 10.0.0.2 10.0.0.3 -- --logdir=...
# Each host has the same version of dimapg_tf, found by PYTHON, and is reached by ssh without a
# password. TensorFlow's ports have no authentication: nobody else may reach CHIEF_PORT and
# WORKER_PORT of these hosts.
set -euo pipefail

CHIEF=${CHIEF:?the address of this host, as the others see it}
CHIEF_PORT=${CHIEF_PORT:-2000}
WORKER_PORT=${WORKER_PORT:-2001}
PYTHON=${PYTHON:-python}

hosts=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  hosts+=("$1")
  shift
done
if [ ${#hosts[@]} -eq 0 ] || [ $# -lt 2 ]; then
  echo "usage: CHIEF=ADDRESS $0 HOST... -- FLAGS" >&2
  exit 2
fi
shift

workers=$(printf "\"%s:$WORKER_PORT\"," "${hosts[@]}")
cluster="{\"chief\": [\"$CHIEF:$CHIEF_PORT\"], \"worker\": [${workers%,}]}"
task() { echo "{\"cluster\": $cluster, \"task\": {\"type\": \"$1\", \"index\": $2}}"; }

# Workers end by themselves soon after the chief.
for index in "${!hosts[@]}"; do
  ssh "${hosts[$index]}" "TF_CONFIG='$(task worker "$index")' $PYTHON -m dimapg_tf.distributed.watched" &
done
TF_CONFIG=$(task chief 0) $PYTHON -m dimapg_tf.train "$@"
wait
