# Sourced by scripts, or run by bash: makes .venv if it is not there, sets $python.

python=.venv/bin/python
source scripts/find_python.sh

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
  echo "Installing into .venv (once; about 3 minutes) ..."
  "$python" -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,docs,lint]'
  touch "$installed"
fi
