# Sourced by run_experiments.sh and run_tests.sh: makes .venv if it is not there, sets $python.

python=.venv/bin/python

find_python() {
  local candidate
  for candidate in python3 python3.12 python3.11 python3.10; do
    if command -v "$candidate" >/dev/null &&
      "$candidate" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))'; then
      echo "$candidate"
      return
    fi
  done
  echo "Python 3.10, 3.11 or 3.12 is needed, and python3 is" \
    "$(python3 --version 2>/dev/null || echo missing)." >&2
  return 1
}

# The marker is written last, so that an installation that was cut short is done again.
if [ ! -e .venv/installed ]; then
  base=$(find_python)
  if ! "$base" -c 'import venv, ensurepip' 2>/dev/null; then
    echo "$base cannot make virtual environments; on Debian and Ubuntu, install python3-venv." >&2
    exit 1
  fi
  echo "Installing into .venv (once; about 2 minutes) ..."
  [ -x "$python" ] || "$base" -m venv .venv
  "$python" -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
  touch .venv/installed
fi
