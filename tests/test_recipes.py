"""docs/recipes: each is read by its own parser, and what it starts is told the same cluster."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from dimapg_tf import tf_config

RECIPES = Path(__file__).parents[1] / "docs" / "recipes"
SCRIPTS = sorted(RECIPES.glob("*.sh"))
# Programs that the recipes start: each process says what it was told, the chief when all others
# have.
TELL = """case "$*" in *dimapg_tf.train*)
  while [ "$(cat "$TOLD" | wc -l)" -lt "$WORKERS" ]; do sleep 0.1; done
esac
echo "$TF_CONFIG|$*" >> "$TOLD"
"""
STUBS = {
    "python": TELL,
    "ssh": 'shift; eval "$*"\n',
    "scontrol": "printf 'node1\\nnode2\\nnode3\\n'\n",
    "srun": 'for SLURM_PROCID in 0 1 2; do export SLURM_PROCID; "$@"; done\n',
}


@pytest.fixture
def started(tmp_path):
    """Runs a command with `STUBS`: [(what TF_CONFIG says, arguments)] of all that it starts."""
    for name, text in STUBS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}")
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"

    def run(command, workers, **environment):
        (tmp_path / "told").touch()
        told = {"PATH": path, "TOLD": str(tmp_path / "told"), "WORKERS": str(workers)}
        told |= environment
        subprocess.run(command, env={**os.environ, **told}, check=True, timeout=60)
        lines = [line.split("|") for line in (tmp_path / "told").read_text().splitlines()]
        return [(json.loads(text), arguments) for text, arguments in lines]

    return run


def check(started, number, monkeypatch):
    """One chief and so many workers who are told of the same cluster."""
    kinds = {"chief": "-m dimapg_tf.train", "worker": "-m dimapg_tf.distributed.watched"}
    seen = set()
    for told, arguments in started:
        monkeypatch.setenv(tf_config.VARIABLE, json.dumps(told))
        kind = told["task"]["type"]
        seen.add(tf_config.own_address(kind, ""))
        assert arguments.startswith(kinds[kind])
        assert told["cluster"] == started[0][0]["cluster"]
    assert len(seen) == len(started) == 1 + number
    assert len(started[0][0]["cluster"]["worker"]) == number


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_bash_reads_it(script):
    subprocess.run(["bash", "-n", script], check=True)


def test_hosts(started, monkeypatch):
    command = ["bash", RECIPES / "hosts.sh", "10.0.0.2", "10.0.0.3", "--", "--logdir=x"]
    check(started(command, 2, CHIEF="10.0.0.1"), 2, monkeypatch)


def test_slurm(started, monkeypatch):
    command = ["bash", RECIPES / "slurm.sh", "--logdir=x"]
    check(started(command, 3, SLURM_JOB_ID="7", SLURM_JOB_NODELIST="node[1-3]"), 3, monkeypatch)


def test_kubernetes(started, monkeypatch):
    there = {}
    for document in yaml.safe_load_all((RECIPES / "kubernetes.yaml").read_text()):
        there[document["kind"]] = document["spec" if "spec" in document else "data"]
    service, workers, chief = there["Service"], there["StatefulSet"], there["Job"]
    assert service["clusterIP"] == "None"
    assert workers["serviceName"] == chief["template"]["spec"]["subdomain"] == "dimapg"
    assert workers["selector"]["matchLabels"] == workers["template"]["metadata"]["labels"]
    for pods in (workers, chief):
        assert service["selector"].items() <= pods["template"]["metadata"]["labels"].items()
    cluster = there["ConfigMap"]["CLUSTER"]
    replicas = workers["replicas"]
    assert json.loads(cluster)["worker"] == [
        f"dimapg-worker-{index}.dimapg:2000" for index in range(replicas)
    ]

    def command(pods):
        (container,) = pods["template"]["spec"]["containers"]
        return container["command"]

    for index in range(replicas):
        started(command(workers), 0, CLUSTER=cluster, HOSTNAME=f"dimapg-worker-{index}")
    seen = started(command(chief), replicas, CLUSTER=cluster, HOSTNAME="dimapg-chief")
    check(seen, replicas, monkeypatch)
