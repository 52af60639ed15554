#!/usr/bin/env bash
# The ablation of docs/gradient.md: which gradient learns Cooperative Navigation with 3 agents, from
# equal numbers of episodes.
#
#   reproduction/ablation.sh [SEED...]     seeds 1 2 3 by default; finished runs are skipped
#
# Ends by collecting the records in results/ablation.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/environment.sh

variants=(
  "exact_advantage"
  "first_order_advantage --meta_gradient=first_order"
  "plain --meta_gradient=none"
  "exact_none --sampling_term=none"
  "exact_adapted_return --sampling_term=adapted_return"
  "exact_adapted_return_all_others --sampling_term=adapted_return_all --others_term"
  "first_order_none --meta_gradient=first_order --sampling_term=none"
  "first_order_adapted_return --meta_gradient=first_order --sampling_term=adapted_return"
  "exact_none_others --sampling_term=none --others_term"
  "plain_others --meta_gradient=none --others_term"
  "exact_adapted_return_all --sampling_term=adapted_return_all"
  "exact_advantage_project --consolidation=project"
  "exact_advantage_alpha_0.1 --alpha_1=0.1 --alpha_2=0.1"
  "first_order_advantage_alpha_0.1 --meta_gradient=first_order --alpha_1=0.1 --alpha_2=0.1"
  "exact_advantage_alpha_1 --alpha_1=1 --alpha_2=1"
  "first_order_advantage_alpha_1 --meta_gradient=first_order --alpha_1=1 --alpha_2=1"
  "exact_none_alpha_0.1 --sampling_term=none --alpha_1=0.1 --alpha_2=0.1"
  "first_order_none_alpha_0.1 --meta_gradient=first_order --sampling_term=none --alpha_1=0.1 --alpha_2=0.1"
  "exact_none_alpha_1 --sampling_term=none --alpha_1=1 --alpha_2=1"
  "first_order_none_alpha_1 --meta_gradient=first_order --sampling_term=none --alpha_1=1 --alpha_2=1"
)
failed=()
for seed in "${@:-1 2 3}"; do
  for s in $seed; do
    for variant in "${variants[@]}"; do
      read -r name changes <<<"$variant"
      command=("$python" -m dimapg_tf.train --flagfile=configs/env/cooperative_navigation_3.flags
        --flagfile=configs/algorithm/dimapg_trpo.flags $changes --seed="$s" --episodes=20000
        --logdir="runs/ablation/$name/seed_$s" --resume)
      echo "+ ${command[*]}"
      "${command[@]}" || failed+=("$name/seed_$s")
    done
  done
done
"$python" reproduction/ablation.py
if [ ${#failed[@]} -gt 0 ]; then
  echo "failed: ${failed[*]}" >&2
  exit 1
fi
