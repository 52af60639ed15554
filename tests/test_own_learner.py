"""The learner of docs/own_learner.md, as it stands there: trained, resumed, loaded."""

import re
from pathlib import Path

import numpy as np
import pytest

import dimapg_tf
from dimapg_tf.experiment import flagfiles, learners

ROOT = Path(__file__).parents[1]
TINY = {"num_agents": 2, "horizon": 4, "trajectories": 3, "checkpoint_every": 1}


@pytest.fixture
def announced(tmp_path, monkeypatch):
    """The files of the page can be imported, and its entry point is known."""
    text = (ROOT / "docs/own_learner.md").read_text(encoding="utf-8")
    files = dict(re.findall(r'```python title="(\w+\.py)"\n(.*?)```', text, re.DOTALL))
    assert list(files) == ["my_settings.py", "my_learner.py"]
    for name, code in files.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    (entry,) = re.findall(r'^(\w+) = "([\w:]+)"$', text, re.MULTILINE)
    known = {**learners.learner_names(), entry[0]: entry[1]}
    monkeypatch.syspath_prepend(tmp_path)
    for module in (learners, flagfiles):
        monkeypatch.setattr(module, "learner_names", lambda: known)
    return entry[0]


def test_it_learns_resumes_and_is_loaded(announced, tmp_path):
    def run(path, episodes, **how):
        config = dimapg_tf.load_config(
            "cooperative_navigation", announced, episodes=episodes, **TINY
        )
        one = dimapg_tf.Run(tmp_path / path, config)
        assert one.train(**how) == 0
        return one.load_policy().thetas["agents"]

    first, whole = run("parts", 3), run("whole", 9)
    resumed = run("parts", 9, resume=True)
    assert any(np.any(a.weights != b.weights) for a, b in zip(first, whole))
    for a, b in zip(resumed, whole):
        np.testing.assert_array_equal(a.weights, b.weights)
        np.testing.assert_array_equal(a.bias, b.bias)
