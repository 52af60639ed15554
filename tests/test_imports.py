"""Who may import whom: downward only, also by string (see CONTRIBUTING)."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("dimapg_tf", "baselines", "reproduction", "benchmarks")
# Each package may import itself and those that stand before it.

# Each layer of the library may import itself and those that stand before it in this list.
LAYERS = [
    ["types"],
    ["checks", "seeds", "workers", "tf_config"],
    ["distributions", "attention"],
    ["policy", "trpo", "returns", "drawing"],
    ["envs"],
    ["rollouts"],
    ["experiment"],
    ["distributed"],
    ["algorithm"],
    ["train", "launch", "fine_tune", "evaluate", "crossplay", "render", "keep", "export", "sweep"],
]
# Within these packages, too, arrows run downward.
ORDER = {
    "dimapg_tf.rollouts": [
        ["games"],
        ["decisions", "programs"],
        ["host", "parallel"],
        ["compiled", "compiled_steps"],
        ["collect"],
    ],
    "dimapg_tf.algorithm": [
        ["value_baseline", "trajectories", "fading", "partition", "choices", "side_by_side"],
        ["objective"],
        ["adaptation", "others", "all_data", "central_update"],
        ["meta_gradient"],
        ["settings", "single_agent_settings"],
        ["policies"],
        ["collection", "parts"],
        ["blocks"],
        ["in_blocks"],
        ["dimapg", "single_agent"],
        ["announce", "migrations", "memory", "evaluated", "cluster_use"],
    ],
}
# What environments may not know.
ABOVE_ENVIRONMENTS = ("distributions", "policy", "rollouts", "experiment", "algorithm")


def layer_of(module: str, layers, prefix: str) -> int:
    name = module.removeprefix(prefix + ".").split(".")[0]
    for index, names in enumerate(layers):
        if name in names:
            return index
    raise AssertionError(f"{module} belongs to no layer: add it")


def modules():
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if parts[-1] == "__init__":
                parts = parts[:-1]
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


def ours(path):
    """The modules of this repository that a file imports."""
    return [name for name in imported(path) if name.startswith(tuple(f"{p}." for p in PACKAGES))]


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=str)
def test_imports_point_downward(module, path):
    package = module.split(".")[0]
    for name in ours(path):
        other = name.split(".")[0]
        assert PACKAGES.index(other) <= PACKAGES.index(package), f"{module} imports {name}"
        if not is_module(name):
            continue
        for prefix, layers in {"dimapg_tf": LAYERS, **ORDER}.items():
            inside = [m.startswith(prefix + ".") for m in (module, name)]
            if all(inside):
                mine, theirs = layer_of(module, layers, prefix), layer_of(name, layers, prefix)
                assert theirs <= mine, f"{module} imports {name}"


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=str)
def test_the_library_names_no_package_above_it(module, path):
    """Also in no string: what a module is called would be an import that no test sees."""
    if module.split(".")[0] != "dimapg_tf":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.search(r"\b(baselines|reproduction)[.:]\w", node.value), (
                f"{module}: {node.value!r}"
            )


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=str)
def test_environments_know_no_learner(module, path):
    if module.startswith("dimapg_tf.envs"):
        for name in ours(path):
            assert name.split(".")[1] not in ABOVE_ENVIRONMENTS, f"{module} imports {name}"


def test_baselines_stand_alone():
    """They use the layers that all learners share, not DiMA-PG's own, and not each other."""
    for module, path in modules():
        if not module.startswith("baselines."):
            continue
        package = module.split(".")[1]
        for name in ours(path):
            assert not name.startswith("dimapg_tf.algorithm"), f"{module} imports {name}"
            if name.startswith("baselines."):
                assert name.split(".")[1] in ("kitchensink", package), f"{module} imports {name}"


def test_trust_region_imports_only_tensorflow():
    names = set(imported(ROOT / "dimapg_tf" / "trpo.py"))
    assert {name.split(".")[0] for name in names} == {"collections", "typing", "tensorflow"}


def test_flags_stay_in_scripts():
    allowed = {
        *("flags", "config", "training_script", "console"),
        *("evaluate", "train", "launch", "crossplay", "render", "keep", "export", "sweep"),
    }
    for module, path in modules():
        if module.startswith(("dimapg_tf", "baselines")) and any(
            name.startswith("absl") for name in imported(path)
        ):
            assert module.split(".")[-1] in allowed, module
