"""The workflows of .github: judged by actionlint and zizmor, held to our rules, and tried out."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import node
import pytest
import yaml
from sites import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = {
    path.stem: yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    for path in sorted((GITHUB / "workflows").glob("*.yml"))
}
BIN = Path(sys.executable).parent


def steps(name: str) -> list[dict]:
    return [step for job in WORKFLOWS[name]["jobs"].values() for step in job["steps"]]


EVERY_STEP = [step for name in WORKFLOWS for step in steps(name)]


def zizmor(root: Path) -> str:
    """What zizmor finds at its most pedantic; nothing when all is well."""
    command = [BIN / "zizmor", "--offline", "--pedantic", "--no-progress", "--quiet",
               "--format", "json", root]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, *range(11, 15)), done.stderr
    return " ".join(one["ident"] for one in json.loads(done.stdout))


def actionlint(folder: Path) -> str:
    """What actionlint finds in the workflows of a folder; nothing when all is well."""
    done = subprocess.run([*node.program("actionlint"), f"{folder}/*.yml"],
                          capture_output=True, text=True, check=False)
    count = len(list(folder.iterdir()))
    assert f"Checking {count} workflow file(s)" in done.stdout, done.stderr
    return done.stdout if done.returncode else ""


def test_zizmor_and_actionlint_find_nothing():
    """Both judges see all four workflows and have nothing to say, pedantic as they are."""
    assert len(WORKFLOWS) == 4
    assert zizmor(GITHUB) == actionlint(GITHUB / "workflows") == ""


@pytest.mark.parametrize(("file", "old", "new", "found"), [
    ("workflows/ci.yml", "@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0 # v7.0.0", "@v7",
     "unpinned-uses"),
    ("workflows/ci.yml", "persist-credentials: false", "clean: true", "artipacked"),
    ("workflows/ci.yml", "\npermissions: {}\n", "\npermissions: write-all\n",
     "excessive-permissions"),
    ("workflows/pages.yml", " # to prove that this workflow built it", "",
     "undocumented-permissions"),
    ("workflows/ci.yml", "run: make test", "run: echo ${{ github.head_ref }}",
     "template-injection"),
    ("workflows/comment.yml", " # zizmor: ignore[dangerous-triggers]", " #", "dangerous-triggers"),
    ("dependabot.yml", "    cooldown:\n      default-days: 7\n", "", "dependabot-cooldown"),
])
def test_zizmor_finds_faults(file, old, new, found, tmp_path):
    """A workflow made less safe is told so: zizmor does look at these files."""
    copy = shutil.copytree(GITHUB, tmp_path / ".github")
    text = (copy / file).read_text(encoding="utf-8")
    assert old in text
    (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    assert found in zizmor(copy)


def test_actionlint_finds_faults(tmp_path):
    """A workflow that would not run as it is meant is told so, with its line."""
    faults = {
        ("ci", "timeout-minutes", "timeout-minuets"): 'unexpected key "timeout-minuets"',
        ("ci", "ubuntu-24.04", "ubuntu-24.40"): 'label "ubuntu-24.40" is unknown',
        ("pages", "needs: build", "needs: built"): 'needs job "built" which does not exist',
        ("pages", "steps.ask.", "steps.asked."): 'property "asked" is not defined',
        ("links", "17 4 * * 1", "17 4 * * 8"): "invalid CRON format",
    }
    for number, (name, old, new) in enumerate(faults):
        text = (GITHUB / "workflows" / f"{name}.yml").read_text(encoding="utf-8")
        assert old in text
        (tmp_path / f"{number}.yml").write_text(text.replace(old, new), encoding="utf-8")
    told = actionlint(tmp_path)
    for number, said in enumerate(faults.values()):
        assert re.search(rf"\b{number}\.yml:\d+:\d+ .*{re.escape(said)}", told), (said, told)


def test_actions_are_pinned():
    """An action is named by a full commit with its version behind it, the same one everywhere."""
    text = "".join(path.read_text("utf-8") for path in (GITHUB / "workflows").iterdir())
    lines = re.findall(r"uses: (.*)", text)
    assert len(lines) >= 15 and not any("uses" in job for one in WORKFLOWS.values()
                                        for job in one["jobs"].values())
    for line in lines:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line
    assert len(set(lines)) == len({line.split("@")[0] for line in lines})


def test_rights():
    """Rights are given job by job, to write only where something is posted or published."""
    writing = {}
    for name, workflow in WORKFLOWS.items():
        assert workflow["permissions"] == {} and workflow["concurrency"]
        for job, told in workflow["jobs"].items():
            assert told["timeout-minutes"] and told["permissions"]
            rights = {one for one, right in told["permissions"].items() if right == "write"}
            writing |= {f"{name}/{job}": rights} if rights else {}
    assert writing == {"comment/comment": {"pull-requests"}, "pages/deploy": {"pages", "id-token"}}
    for name in ("comment/comment", "pages/deploy"):
        job = WORKFLOWS[name.split("/")[0]]["jobs"][name.split("/")[1]]
        assert not any("checkout" in step.get("uses", "") for step in job["steps"])
    assert list(WORKFLOWS["ci"]["on"]) == ["pull_request"]
    assert "secrets" not in json.dumps(WORKFLOWS)


def test_commands_exist():
    """Workflows, dev container and hooks call only what there is, and install only by hash."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text("utf-8"))
    called = [step.get("run", "") for step in EVERY_STEP] + [
        hook["entry"] for repo in hooks for hook in repo["hooks"]] + [
        value for key, value in container.items() if key.endswith("Command")]
    text = "\n".join(called)
    assert not re.search(r"\b(pip|npm|npx|curl|wget|apt(-get)?)\b", text)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"\bmake ([\w./-]+)", text):
        assert re.search(rf"^{target.replace('.venv', re.escape('$(VENV)'))}:", makefile, re.M)
    assert {"make site", "make test"} <= set(called)
    for command in re.findall(r"\.venv/bin/(\w+ \w+)", text):
        program, name = command.split()
        done = subprocess.run([BIN / program, name, "--help"], capture_output=True, check=False)
        assert done.returncode == 0, command
    installs = re.findall(r"-m pip install .*", makefile)
    assert installs and all("--require-hashes" in one or "--no-deps" in one for one in installs)


def test_everything_that_is_fetched_is_renewed():
    """Dependabot watches each kind of lock, a week late; reviewers are named for every file."""
    told = yaml.safe_load((GITHUB / "dependabot.yml").read_text("utf-8"))["updates"]
    assert {(one["package-ecosystem"], one["directory"]) for one in told} == {
        ("github-actions", "/"), ("pip", "/"), ("npm", "/tests/editor"), ("npm", "/bench/audit"),
        ("npm", "/bench/peers/eleventy")}
    assert all(one["cooldown"]["default-days"] >= 7 for one in told)
    assert re.search(r"^\* +\S", (GITHUB / "CODEOWNERS").read_text("utf-8"), re.M)
    for folder in (node.FOLDER, ROOT / "bench/audit", ROOT / "bench/peers/eleventy"):
        lock = (folder / "package-lock.json").read_text("utf-8")
        packages = json.loads(lock)["packages"]
        assert all("integrity" in one for name, one in packages.items() if name)
        assert "resolved" not in lock and "npmjs" not in lock


def run(name: str, step: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the script of a workflow's step in `folder`, as a runner would."""
    (script,) = (one for one in steps(name) if one.get("name", "").startswith(step))
    shell = [sys.executable, "-c"] if script.get("shell") == "python" else ["bash", "-e", "-c"]
    own = {"RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(folder / "output"),
           "GITHUB_STEP_SUMMARY": str(folder / "summary"), "GITHUB_REPOSITORY": "bread/book",
           "PATH": f"{folder}/bin:{os.environ['PATH']}"}
    return subprocess.run([*shell, script["run"]], cwd=folder, env={**os.environ, **own, **env},
                          capture_output=True, text=True, check=False)


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


HOSTILE = "+ term x: ```\n@someone ![x](http://e.org)\u202e\x1b[31m \ufeff" + "é" * 100_000


def test_a_hostile_artifact_becomes_plain_text(tmp_path):
    """Whatever stands in diff.text ends up in one code block: short, visible, and unable to act."""
    with zipfile.ZipFile(tmp_path / "artifact.zip", "w") as archive:
        archive.writestr("../evil", "x")
        archive.writestr("diff.text", HOSTILE)
    assert run("comment", "Take the plain text", tmp_path).returncode == 0
    told = (tmp_path / "comment.md").read_text(encoding="utf-8")
    head, block, tail = told.split("```")
    assert head.startswith("**What this changes") and tail == "\n"
    assert block.startswith("diff\n+ term x: '''\n@someone ![x](http://e.org)[31m é")
    assert len(told) < 65_536 and not (tmp_path.parent / "evil").exists()
    assert all(one.isprintable() or one == "\n" for one in told)


def test_a_link_in_an_artifact_is_not_followed(tmp_path):
    """A symbolic link gives its own text, not that of the file it leads to."""
    with zipfile.ZipFile(tmp_path / "artifact.zip", "w") as archive:
        link = zipfile.ZipInfo("diff.text")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    run("comment", "Take the plain text", tmp_path)
    assert "```diff\n/etc/passwd\n```" in (tmp_path / "comment.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("number", "artifact", "output"), [
    ("7", "9", "number=7\n"), ("", "9", None), ("7", "", None)])
def test_the_pull_request_is_found_by_its_commit(number, artifact, output, tmp_path):
    """Nothing is posted without an open pull request at this commit and an artifact of its run."""
    program(tmp_path, "bin/gh", f'case "$*" in *head=*) echo "{number}";; *zip) echo Z;; '
                                f'*) echo "{artifact}";; esac; echo "$*" >> "$RUNNER_TEMP/asked"')
    done = run("comment", "Find the pull request", tmp_path, RUN_ID="5", HEAD_SHA="a" * 40,
               HEAD_LABEL="eve:$(touch evil)")
    assert done.returncode == 0 and not (tmp_path / "evil").exists()
    assert "-f head=eve:$(touch evil)" in (tmp_path / "asked").read_text()
    found = tmp_path / "output"
    assert (found.read_text() if found.exists() else None) == output
    assert (tmp_path / "artifact.zip").exists() == (output is not None)


def test_without_an_address_nothing_is_published(tmp_path):
    """A repository whose pages are off fails at the question for their address."""
    program(tmp_path, "bin/gh", 'echo \'{"message":"Not Found"}\'; exit 1')
    assert run("pages", "Ask for the address", tmp_path).returncode == 1
    program(tmp_path, "bin/gh", "echo https://bread.example/book/")
    assert run("pages", "Ask for the address", tmp_path).returncode == 0
    assert (tmp_path / "output").read_text() == "site=https://bread.example/book/\n"


@pytest.mark.parametrize(("code", "told"), [(0, "+ term x"), (1, "error vanished-id")])
def test_the_diff_is_kept_even_when_it_fails(code, told, tmp_path):
    """All three formats are written whatever termbook says; its verdict is the step's."""
    program(tmp_path, ".venv/bin/termbook", f'echo "{told} $3 $4 $5"; exit {code}')
    assert run("ci", "Compare with the branch", tmp_path).returncode == code
    for form in ("text", "markdown", "json"):
        written = (tmp_path / f"semantic-diff/diff.{form}").read_text()
        assert written == f"{told} {form} HEAD^1 HEAD\n"
    assert (tmp_path / "summary").read_text() == f"{told} markdown HEAD^1 HEAD\n"
    upload = WORKFLOWS["ci"]["jobs"]["diff"]["steps"][-1]
    assert upload["with"]["name"] == "semantic-diff" and upload["if"] == "${{ !cancelled() }}"


# A fake gh: runs by event, artifacts by run, and the zip of the artifact that is asked for.
GH = """
case "$*" in
  *event=schedule*) echo "$SCHEDULED" | tr ' ' '\\n';;
  *event=workflow_dispatch*) echo "$BY_HAND" | tr ' ' '\\n';;
  */runs/$HAS/artifacts*) echo 9;;
  */artifacts/9/zip) cat "$RUNNER_TEMP/artifact";;
  */runs/*/artifacts*) echo;;
  *) exit 1;;
esac
echo "$*" >> "$RUNNER_TEMP/asked"
"""


def last_link_status(name: str, folder: Path, gh: str, **env: str) -> int:
    """The exit code of the step that takes the file from the last run, with a fake gh."""
    program(folder, "bin/gh", gh)
    (folder / ".github").mkdir()
    shutil.copy(GITHUB / "last-link-status", folder / ".github")
    return run(name, "Take what is known", folder, GITHUB_REF_NAME="main", **env).returncode


@pytest.mark.parametrize("name", ["links", "pages"])
@pytest.mark.parametrize(("scheduled", "by_hand", "has", "found"), [
    ("7 5", "6", "6", True), ("7 5", "", "5", True), ("", "", "7", False), ("7 5", "", "1", False)])
def test_what_is_known_goes_from_run_to_run(name, scheduled, by_hand, has, found, tmp_path):
    """The newest run by the clock or by hand that left a file gives it; without one nothing is."""
    with zipfile.ZipFile(tmp_path / "artifact", "w") as archive:
        archive.writestr("link-status.json", "known")
    env = {"SCHEDULED": scheduled, "BY_HAND": by_hand, "HAS": has}
    assert last_link_status(name, tmp_path, GH, **env) == 0
    file = tmp_path / "link-status.json"
    assert (file.read_text() if file.exists() else None) == ("known" if found else None)
    told = (tmp_path / "asked").read_text()
    asked = re.findall(r"runs/(\d)/", told)
    assert asked == sorted(asked, reverse=True) and (asked[-1:] == [has]) == found
    assert told.count("branch=main") == told.count("/workflows/links.yml/runs") == 2


def test_what_is_known_is_not_lost(tmp_path):
    """When GitHub cannot tell what there was, the run ends before it begins anew with nothing."""
    assert last_link_status("links", tmp_path, "exit 1") == 1
    upload = steps("links")[-1]
    assert upload["with"]["path"] == "link-status.json" and upload["if"] == "${{ !cancelled() }}"


@pytest.mark.parametrize("code", [0, 1, 2])
def test_addresses_are_told_in_the_summary(code, tmp_path):
    """What termbook tells stands in the log and, unable to act, in the summary; its verdict too."""
    program(tmp_path, ".venv/bin/termbook", f"echo 'x``` @someone' $* >&2; exit {code}")
    done = run("links", "Ask each address", tmp_path)
    assert done.returncode == code and "x``` @someone links --external\n" in done.stdout
    told = (tmp_path / "summary").read_text()
    assert told == "```text\nx''' @someone links --external\n```\n"


def test_no_pull_request_waits_for_addresses():
    """The addresses of others are asked by the clock or by hand, in one workflow only."""
    assert set(WORKFLOWS["links"]["on"]) == {"schedule", "workflow_dispatch"}
    asking = {name for name in WORKFLOWS
              if any("--external" in step.get("run", "") for step in steps(name))}
    assert asking == {"links"}
    assert "--external" not in (ROOT / "Makefile").read_text("utf-8")
