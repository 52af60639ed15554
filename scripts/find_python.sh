# Sourced: the function that finds a Python which this package supports.

supported() {
  "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

find_python() {
  local candidate
  for candidate in python3 python3.13 python3.12 python3.11 python3.10; do
    if command -v "$candidate" >/dev/null && supported "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  echo "Python 3.10, 3.11, 3.12 or 3.13 is needed; python3 is $(python3 --version 2>&1 || true)." >&2
  return 1
}
