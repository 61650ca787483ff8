"""Audit the site with Lighthouse: see the package's docstring for how."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

from termbook import plugin
from termbook.checks import check
from termbook.load import load
from tests import node
from tests.chromium import executable

from .host import Host

FOLDER = Path(__file__).parent
REPOSITORY = FOLDER.parent.parent
LIGHTHOUSE = "lighthouse/cli/index.js"
PAGES = {
    "home": "", "term": "glossary/customer/", "scenario": "scenarios/ad-funded-platform/",
    "index": "glossary/",
}
# The least median score of each category, of 100.
TARGETS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
METRICS = {
    "first-contentful-paint": "FCP ms", "largest-contentful-paint": "LCP ms",
    "speed-index": "SI ms", "total-blocking-time": "TBT ms", "cumulative-layout-shift": "CLS",
}
FLAGS = (
    "--quiet", "--output=json", "--output-path=stdout", "--form-factor=mobile",
    "--no-enable-error-reporting", "--chrome-flags=--headless=new --no-sandbox",
)

Report = dict[str, Any]


def main() -> None:
    """Audit every page, print a table and the targets, and keep the numbers."""
    options = _options()
    modules = node.installed(FOLDER)
    with sync_playwright() as playwright:
        chromium = executable(playwright)
    with tempfile.TemporaryDirectory() as folder, Host(Path(folder)) as host:
        _build(Path(folder), host.home)
        with host.running():
            reports = {
                name: [_audit(modules, chromium, host.home + path) for _ in range(options.runs)]
                for name, path in PAGES.items()
            }
    rows = [summary(name, runs) for name, runs in reports.items()]
    print(table(rows))
    print("\n".join(verdicts(rows)))
    _keep(rows, reports["home"][0])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.audit", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="of each page (default: 5)")
    return parser.parse_args()


def _build(folder: Path, address: str) -> None:
    """Build this repository's site into `folder`, so that it calls itself by `address`."""
    os.environ |= {"SITE_URL": address, "REPO_URL": "https://github.com/example/knowledge"}
    plugin.build(REPOSITORY / "mkdocs.yml", folder, load(REPOSITORY, check))


def _audit(modules: Path, chromium: Path, address: str) -> Report:
    """One run of Lighthouse; exits with its own words if it fails."""
    command: list[str | Path] = [node.NODE, modules / LIGHTHOUSE, address, *FLAGS,
               f"--only-categories={','.join(TARGETS)}"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False,
        env=os.environ | {"CHROME_PATH": str(chromium)},
    )
    report: Report = json.loads(done.stdout) if done.returncode == 0 else {}
    if not report or "runtimeError" in report:
        sys.exit(f"Lighthouse failed: {report.get('runtimeError') or done.stderr}")
    print(f"{address}: performance {_score(report, 'performance')}", file=sys.stderr)
    return report


def _score(report: Report, category: str) -> int:
    return round(float(report["categories"][category]["score"]) * 100)


def summary(page: str, runs: list[Report]) -> dict[str, Any]:
    """One row a page: medians of scores and metrics, every run's performance, what failed."""
    return {
        "page": page,
        **{category: median(_score(one, category) for one in runs) for category in TARGETS},
        **{name: round(median(one["audits"][audit]["numericValue"] for one in runs), 3)
           for audit, name in METRICS.items()},
        "runs": [_score(one, "performance") for one in runs],
        "benchmark_index": [one["environment"]["benchmarkIndex"] for one in runs],
        "failed": Counter(failure for one in runs for failure in _failed(one)),
    }


def _failed(report: Report) -> list[str]:
    """The audits that cost a score of 100, performance aside, where it is metrics that cost."""
    return [
        f"{category}: {report['audits'][one['id']]['title']}"
        for category in TARGETS if category != "performance"
        for one in report["categories"][category]["auditRefs"]
        if one["weight"] and (report["audits"][one["id"]]["score"] or 0) < 1
        and report["audits"][one["id"]]["scoreDisplayMode"] not in ("notApplicable", "manual")
    ]


def table(rows: list[dict[str, Any]]) -> str:
    names = ["page", *TARGETS, *METRICS.values()]
    lines = [f"| {' | '.join(names)} |", "|---|" + "--:|" * (len(names) - 1)]
    lines += [f"| {' | '.join(f'{row[name]:g}' if name != 'page' else row[name] for name in names)}"
              " |" for row in rows]
    return "\n".join(lines)


def verdicts(rows: list[dict[str, Any]]) -> list[str]:
    """Whether each target was met, and which audits failed: a report, not a gate."""
    lines = []
    for row in rows:
        for category, least in TARGETS.items():
            verdict = "met" if row[category] >= least else "missed"
            lines.append(f"{row['page']}: {category} {row[category]:g}, target {least}: {verdict}")
        lines += [f"{row['page']}: failed in {count} of {len(row['runs'])} runs: {failure}"
                  for failure, count in row["failed"].items()]
    return lines


def _keep(rows: list[dict[str, Any]], report: Report) -> None:
    """Write the numbers with what is needed to read them later; no host names or paths."""
    today = date.today().isoformat()
    browser = report["environment"]["hostUserAgent"].partition("Chrome/")[2].partition(" ")[0]
    facts = {
        "date": today,
        "machine": {"cores": os.cpu_count(), "system": platform.system(),
                    "processor": platform.machine()},
        "versions": {"lighthouse": report["lighthouseVersion"], "chromium": browser},
        "network": report["configSettings"]["throttling"],
        "results": rows,
    }
    file = REPOSITORY / "bench" / "results" / f"audit-{today}.json"
    file.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    print(f"Numbers: bench/results/{file.name}")


if __name__ == "__main__":
    main()
