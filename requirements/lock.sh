#!/bin/sh
# Write the lock files anew from pyproject.toml. Needs uv; add --upgrade to take newer versions.
set -eu
cd "$(dirname "$0")/.."
command -v uv >/dev/null || { echo "uv is missing: pip install uv" >&2; exit 1; }
for_all="--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet"
uv pip compile $for_all "$@" pyproject.toml --group build -o requirements/run.lock
uv pip compile $for_all "$@" pyproject.toml --group dev -o requirements/dev.lock
uv pip compile $for_all "$@" pyproject.toml --group bench -o requirements/bench.lock
