"""Who may import whom: downward only (see CONTRIBUTING)."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Each layer may import itself and those that stand below it in this list.
LAYERS = [
    ["dimapg_tf.types"],
    ["dimapg_tf.checks", "dimapg_tf.seeds", "dimapg_tf.processes"],
    ["dimapg_tf.envs", "dimapg_tf.drawing"],
    [
        *("dimapg_tf.policy", "dimapg_tf.trpo", "dimapg_tf.decisions", "dimapg_tf.rollout"),
        *("dimapg_tf.play", "dimapg_tf.parallel_rollout"),
    ],
    [
        f"dimapg_tf.algorithm.{name}"
        for name in (
            "objective",
            "value_baseline",
            "trajectories",
            "adaptation",
            "others",
            "meta_gradient",
            "central_update",
            "settings",
            "collection",
        )
    ],
    ["dimapg_tf.analysis", "dimapg_tf.experiment"],
    ["baselines.joint_lstm"],
    [
        f"baselines.{name}"
        for name in ("joint_network", "joint_objective", "joint_rollout", "joint_policy", "joint")
    ],
    [
        "dimapg_tf.algorithm.dimapg",
        "dimapg_tf.algorithm.fine_tune",
        "baselines.maddpg",
        "baselines.a3c_kitchensink",
        "baselines.trpo_kitchensink",
    ],
    [
        "dimapg_tf.train",
        "dimapg_tf.fine_tune",
        "dimapg_tf.evaluate",
        "dimapg_tf.crossplay",
        "dimapg_tf.render",
        "dimapg_tf.keep",
        "dimapg_tf.report",
    ],
]


def layer_of(module: str) -> int:
    for index, names in enumerate(LAYERS):
        if any(module == name or module.startswith(name + ".") for name in names):
            return index
    raise AssertionError(f"{module} belongs to no layer: add it to LAYERS")


def modules():
    for package in ("dimapg_tf", "baselines"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if parts[-1] == "__init__":
                parts = parts[:-1]
            if parts not in (("dimapg_tf",), ("dimapg_tf", "algorithm"), ("baselines",)):
                yield ".".join(parts), path


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the layers"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_module(name):
    path = ROOT / Path(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=str)
def test_imports_point_downward(module, path):
    for name in imported(path):
        ours = name.startswith(("dimapg_tf.", "baselines.")) and is_module(name)
        if ours and name != "dimapg_tf.algorithm":
            assert layer_of(name) <= layer_of(module), f"{module} imports {name}"


def test_baselines_stand_alone():
    """They use the layers that all learners share, not DiMA-PG's own, and not each other."""
    for module, path in modules():
        _, own, *_ = [*module.split("."), None]
        if module.startswith("baselines."):
            for name in imported(path):
                assert not name.startswith("dimapg_tf.algorithm"), f"{module} imports {name}"
                if name.startswith("baselines.") and is_module(name):
                    _, other, *_ = name.split(".")
                    shared = (ROOT / "baselines" / f"{other}.py").exists()
                    assert shared or other == own, f"{module} imports {name}"


def test_trust_region_imports_only_tensorflow():
    names = set(imported(ROOT / "dimapg_tf" / "trpo.py"))
    assert {name.split(".")[0] for name in names} == {"collections", "typing", "tensorflow"}


def test_flags_stay_in_scripts():
    allowed = {
        "flags",
        "policies",
        "training_script",
        "console",
        "evaluate",
        "train",
        "crossplay",
        "render",
        "keep",
        "__main__",
    }
    for module, path in modules():
        if any(name.startswith("absl") for name in imported(path)):
            assert module.split(".")[-1] in allowed, module
