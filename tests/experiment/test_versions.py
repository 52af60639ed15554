"""versions.json: which commit a run was made from, whether the tree was as committed."""

import subprocess

import pytest

from dimapg_tf.experiment import versions
from dimapg_tf.experiment.versions import commit


@pytest.fixture
def repository(tmp_path):
    root = tmp_path / "repository"
    git(tmp_path, "init", "-q", str(root))
    (root / "file.py").write_text("x = 1\n")
    (root / ".gitignore").write_text("runs/\n")
    git(root, "add", "-A")
    who = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    git(root, *who, "commit", "-q", "-m", "first")
    return root


def git(where, *arguments):
    command = ["git", *arguments]
    return subprocess.run(command, cwd=where, check=True, capture_output=True, text=True).stdout


def test_a_clean_and_a_changed_checkout(repository):
    head = git(repository, "rev-parse", "HEAD").strip()
    assert len(head) == 40
    (repository / "runs").mkdir()
    (repository / "runs/metrics.csv").touch()
    assert commit(repository) == {"commit": head, "uncommitted_changes": False}
    (repository / "file.py").write_text("x = 2\n")
    assert commit(repository) == {"commit": head, "uncommitted_changes": True}
    git(repository, "checkout", "-q", "file.py")
    (repository / "new.py").touch()
    assert commit(repository)["uncommitted_changes"]


def test_an_installed_package_is_no_checkout(repository):
    """Also within somebody else's repository."""
    site = repository / "venv/site-packages"
    site.mkdir(parents=True)
    assert commit(site) == {"commit": "not a checkout"}


def test_where_git_cannot_tell(repository, monkeypatch):
    monkeypatch.setenv("GIT_DIR", "/nowhere")  # as set for hooks, of another repository
    assert len(commit(repository)["commit"]) == 40
    monkeypatch.setenv("PATH", "")
    assert commit(repository) == {"commit": "unknown: git cannot tell"}


def test_versions_name_no_place():
    found = versions.versions()
    assert {"dimapg_tf", "commit", "python", "tensorflow", "processor", "cores"} <= set(found)
    assert not [value for value in found.values() if "/" in str(value)]
