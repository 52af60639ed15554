"""An exported policy does what `load_policy` does, in a process that imports TensorFlow alone."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import dimapg_tf
from dimapg_tf import export, policy, seeds
from dimapg_tf.envs import make_env
from dimapg_tf.experiment import console, exporting
from dimapg_tf.experiment.policies import FEED_FORWARD, Policy

ROOT = Path(__file__).parents[2]
RUN = ROOT / "results/cooperative_navigation_3/dimapg_trpo/seed_1"
MANY = 10_000

# What another program does: no module of ours.
PLAYER = """
import sys
import numpy as np
import tensorflow as tf

model = tf.saved_model.load(sys.argv[1])
held = np.load(sys.argv[2])
names = {"act": ("observations", "noise"), "act_greedy": ("observations",)}
names["logits"] = names["act_greedy"]
out = {}
for signature, inputs in names.items():
    results = model.signatures[signature](**{n: tf.constant(held[n]) for n in inputs})
    out |= {f"{signature}/{key}": value.numpy() for key, value in results.items()}
assert not any(name.startswith(("dimapg_tf", "tensorflow_probability")) for name in sys.modules)
np.savez(sys.argv[3], **out)
"""

# The same without TensorFlow.
ONNX_PLAYER = """
import sys
import numpy as np
import onnxruntime

held = np.load(sys.argv[2])
out = {}
for signature in ("act", "act_greedy", "logits"):
    session = onnxruntime.InferenceSession(f"{sys.argv[1]}/{signature}.onnx")
    given = {i.name: held[i.name] for i in session.get_inputs()}
    results = session.run(None, given)
    out |= {f"{signature}/{o.name}": v for o, v in zip(session.get_outputs(), results)}
assert not any(name.startswith(("dimapg_tf", "tensorflow")) for name in sys.modules)
np.savez(sys.argv[3], **out)
"""


def played_elsewhere(model, observations, noise, tmp_path, player=PLAYER):
    """{signature/output: array} from a process that knows TensorFlow, or onnxruntime, alone."""
    np.savez(tmp_path / "seen.npz", observations=observations, noise=noise)
    files = [str(model), str(tmp_path / "seen.npz"), str(tmp_path / "out.npz")]
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "TF_CPP_MIN_LOG_LEVEL": "2"}
    if player == ONNX_PLAYER:  # which may be installed beside our environment
        home = Path(importlib.util.find_spec("onnxruntime").origin).parents[1]
        env["PYTHONPATH"] = str(home)
    done = subprocess.run(
        [sys.executable, "-c", player, *files],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "out.npz") as out:
        return dict(out)


def test_a_process_with_tensorflow_alone(tmp_path, generator, capsys):
    out = tmp_path / "model"
    assert console.run(export.main, ["export", str(RUN), str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    assert (out / "policy.json").read_text() == (RUN / "policy.json").read_text()
    trained = dimapg_tf.load_policy(RUN)
    worlds = MANY // 3 + 1
    seen = generator.normal(size=(worlds, 3, 14)).astype(np.float32)
    noise = exporting.noise_for(trained, "agents", 5, worlds)
    check_played(played_elsewhere(out, seen, noise, tmp_path), trained, seen, noise)


def check_played(got, trained, seen, noise):
    """Equal greedy actions, logits to 1e-6 of the largest, and actions of the same noise."""
    greedy, _ = trained.act(trained.start(len(seen)), seen)
    assert got["act_greedy/actions"].size >= MANY
    np.testing.assert_array_equal(got["act_greedy/actions"], greedy)
    logits = policy.apply(trained.thetas["agents"], tf.constant(seen))
    scale = np.abs(logits).max()
    np.testing.assert_allclose(got["logits/logits"], logits, rtol=0, atol=1e-6 * scale)
    sampled, _ = FEED_FORWARD.sample(
        trained.thetas["agents"], tf.constant(seen), None, tf.constant(noise.swapaxes(0, 1))
    )
    # A number on the edge between two actions may fall on either side.
    assert np.mean(got["act/actions"] == sampled.numpy()) > 0.9999


def policy_with(space_kind, stacked, generator):
    """An untrained policy of real or discrete actions, one θ or one for each agent."""
    env = make_env("cooperative_navigation", num_agents=2, actions=space_kind)
    population = env.spec.populations["agents"]
    members = [
        policy.init(seeds.generator(i), 10, 5, (4,), space=population.space, output_scale=1.0)
        for i in range(2)
    ]
    theta = members[0]
    if stacked:
        theta = tf.nest.map_structure(lambda *v: tf.stack(v), *members)
    return Policy(env, FEED_FORWARD, {"agents": theta})


@pytest.mark.parametrize(
    ("kind", "stacked"), [("continuous", False), ("continuous", True), ("discrete", True)]
)
def test_other_policies(kind, stacked, tmp_path, generator):
    trained = policy_with(kind, stacked, generator)
    (tmp_path / "policy.json").write_text("{}")
    (path,) = exporting.export(trained, tmp_path, tmp_path / "model")
    signatures = tf.saved_model.load(str(path)).signatures
    seen = generator.normal(size=(7, 2, 10)).astype(np.float32)
    noise = exporting.noise_for(trained, "agents", 1, 7)
    theta = trained.thetas["agents"]
    expected, _ = FEED_FORWARD.sample(
        theta, tf.constant(seen), None, tf.constant(noise.swapaxes(0, 1))
    )
    got = signatures["act"](observations=tf.constant(seen), noise=tf.constant(noise))["actions"]
    np.testing.assert_allclose(got, expected, atol=1e-6)
    greedy = signatures["act_greedy"](observations=tf.constant(seen))["actions"]
    np.testing.assert_allclose(greedy, trained.act(trained.start(7), seen)[0], atol=1e-6)
    outputs = signatures["logits"](observations=tf.constant(seen))
    assert sorted(outputs) == (["mean", "std"] if kind == "continuous" else ["logits"])
    assert all(values.shape == (7, 2, 5) for values in outputs.values())
    if not stacked:  # any number of agents
        more = signatures["act_greedy"](observations=tf.constant(seen.reshape(2, 7, 10)))
        np.testing.assert_allclose(more["actions"], np.reshape(greedy, (2, 7, 5)), atol=1e-6)


def test_what_cannot_be_exported(tmp_path, monkeypatch, capsys):
    (tmp_path / "there").mkdir()
    assert console.run(export.main, ["export", str(RUN), str(tmp_path / "there")]) == 2
    assert "is there already" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    assert console.run(export.main, ["export", str(RUN), str(tmp_path / "out"), "--onnx"]) == 2
    assert "dimapg_tf[onnx]" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


ONNX = [name for name in ("tf2onnx", "onnxruntime") if importlib.util.find_spec(name) is None]


@pytest.mark.skipif(bool(ONNX), reason=f"not installed: {', '.join(ONNX)}; pip install them")
def test_a_process_with_onnxruntime_alone(tmp_path, generator):
    out = tmp_path / "model"
    assert console.run(export.main, ["export", str(RUN), str(out), "--onnx"]) == 0
    trained = dimapg_tf.load_policy(RUN)
    worlds = MANY // 3 + 1
    seen = generator.normal(size=(worlds, 3, 14)).astype(np.float32)
    noise = exporting.noise_for(trained, "agents", 5, worlds)
    got = played_elsewhere(out, seen, noise, tmp_path, ONNX_PLAYER)
    check_played(got, trained, seen, noise)
