"""Others' scripts for the study pages: made from their npm packages, which a lock file names.

`.venv/bin/python tests/vendored.py` writes theme/assets/study/vendor/ anew after an update.
"""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

from node import NODE, install

FOLDER = Path(__file__).parent / "vendor"
PACKAGES = FOLDER / "node_modules"
VENDOR = FOLDER.parents[1] / "theme" / "assets" / "study" / "vendor"
BUNDLE = ["--bundle", "--minify", "--format=iife", "--global-name=tsFsrs", "--target=es2022"]


def make(target: Path) -> None:
    """Write scripts, licences and vendor.json into the folder `target`; needs the npm registry."""
    install(FOLDER)
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(PACKAGES / "idb" / "build" / "umd.js", target / "idb.js")
    subprocess.run(
        [NODE, PACKAGES / "esbuild" / "bin" / "esbuild", FOLDER / "ts-fsrs.js", *BUNDLE,
         f"--outfile={target / 'ts-fsrs.js'}", "--log-level=warning"], check=True, cwd=FOLDER,
    )
    facts = []
    for name in ("idb", "ts-fsrs"):
        package = json.loads((PACKAGES / name / "package.json").read_text("utf-8"))
        shutil.copy(PACKAGES / name / "LICENSE", target / f"{name}.LICENSE")
        facts.append({
            "name": name, "version": package["version"], "licence": package["license"],
            "file": f"{name}.js", "sha256": sha256(target / f"{name}.js"),
        })
    (target / "vendor.json").write_text(json.dumps(facts, indent=2) + "\n", "utf-8")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    make(VENDOR)
