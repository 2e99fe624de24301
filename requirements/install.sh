#!/bin/sh
# Make a virtual environment and install the locked packages and the project into it.
# Usage: install.sh VENV LOCKFILE.   FOCUSWEEK_PYTHON may name the Python to use.
set -eu
venv=$1
lock=$2

works() {
  # A name on the PATH may be a shim that runs nothing, so each is asked what it is.
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Made anew where it was never finished, or where its Python has gone or is too old.
if ! works "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  found=
  for candidate in ${FOCUSWEEK_PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14 python; do
    if works "$candidate"; then found=$candidate; break; fi
  done
  if [ -z "$found" ]; then
    echo "Focusweek needs Python 3.11 or newer, and none was found." >&2
    echo "Install it (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python)," >&2
    echo "or name it: FOCUSWEEK_PYTHON=/path/to/python make setup" >&2
    exit 1
  fi
  if ! "$found" -c 'import venv, ensurepip' >/dev/null 2>&1; then
    echo "$found has no venv module. Debian, Ubuntu: apt install python3-venv" >&2
    exit 1
  fi
  echo "Making $venv with $("$found" --version) ..."
  "$found" -m venv --clear "$venv"
fi

echo "Installing the locked packages ($lock) ..."
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r "$lock" || {
  echo "The packages could not be installed. Is this machine online, or are they in pip's cache?" >&2
  exit 1
}
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation --no-index -e .
