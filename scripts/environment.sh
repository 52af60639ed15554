# Sourced by run_experiments.sh and run_tests.sh: makes .venv if it is not there, sets $python.

python=.venv/bin/python

supported() {
  "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null
}

find_python() {
  local candidate
  for candidate in python3 python3.12 python3.11 python3.10; do
    if command -v "$candidate" >/dev/null && supported "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  echo "Python 3.10, 3.11 or 3.12 is needed; python3 is $(python3 --version 2>&1 || true)." >&2
  return 1
}

# The marker is written last, so that an installation that was cut short is done again; it is older
# than setup.py or constraints.txt when those have changed since.
installed=.venv/installed
if [ ! -e "$installed" ] || [ setup.py -nt "$installed" ] || [ constraints.txt -nt "$installed" ]; then
  if ! { supported "$python" && "$python" -m pip --version >/dev/null 2>&1; }; then
    base=$(find_python)
    if ! "$base" -c 'import venv, ensurepip' 2>/dev/null; then
      echo "$base cannot make virtual environments; on Debian and Ubuntu, install python3-venv." >&2
      exit 1
    fi
    "$base" -m venv --clear .venv
  fi
  echo "Installing into .venv (once; about 2 minutes) ..."
  "$python" -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
  touch "$installed"
fi
