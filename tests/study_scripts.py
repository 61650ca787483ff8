"""The study scripts that need no page, run under Node."""

import json
import subprocess
from typing import Any

from node import NODE
from sites import ROOT

STUDY = ROOT / "theme" / "assets" / "study"
LOADED = ("vendor/ts-fsrs", "schedule", "progress")
LOADER = """
const vm = require("node:vm"), fs = require("node:fs");
for (const path of %s) vm.runInThisContext(fs.readFileSync(path, "utf-8"), path);
const given = JSON.parse(fs.readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify((%s)(given)) ?? "null");
"""


def evaluate(function: str, given: object, timezone: str = "UTC") -> Any:
    """What a JavaScript function of one value gives, with the logic of the cards loaded."""
    paths = [str(STUDY / f"{name}.js") for name in LOADED]
    done = subprocess.run(
        [NODE, "-e", LOADER % (json.dumps(paths), function)], input=json.dumps(given),
        capture_output=True, text=True, check=False, env={"TZ": timezone},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
