"""Publishing and the command line: a site is replaced whole or not at all; exit codes tell."""

import random
import re
import shutil
import signal
import subprocess
import time

import pytest
import sites

from termbook.publish import KEEP, publish

SOURCES = (sites.BREAD / "sources.yml").read_text(encoding="utf-8")
END = SOURCES.count("\n") + 1
BROKEN = {
    "glossary/bun.yml": "label: Bun\ndefinition: A small one.\nrelated: [bred]\nstatus: reviewed\n",
    "glossary/roll.yml": "label: Roll\ncolour: brown\n",
    "sources.yml": SOURCES + "oven-book: {}\n",
}
PROBLEMS = [
    "glossary/bun.yml:1:1: warning no-example",
    "glossary/bun.yml:3:11: error unknown-term",
    "glossary/roll.yml:1:1: error missing-key",
    "glossary/roll.yml:2:1: error unknown-key",
    f"sources.yml:{END}:12: error missing-key",
    f"sources.yml:{END}:12: error missing-key",
]
DRAFT = {"glossary/bread.yml": (sites.BREAD / "glossary/bread.yml").read_text(
    encoding="utf-8").replace("status: reviewed", "status: draft")}


def problems(stderr: str) -> list[str]:
    """Place, severity and code of every problem that was told; tests/golden has the rest."""
    return re.findall(r"^(\S+:\d+:\d+: \w+ [\w-]+): .+\. .+$", stderr, re.MULTILINE)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return sites.build(tmp_path_factory.mktemp("built"))


@pytest.mark.parametrize("command", ["check", "build"])
def test_errors_are_all_told_and_nothing_is_written(tmp_path, command):
    """A broken book: exit 1, every problem of every file at once, and not a byte on disk."""
    root = sites.copy(tmp_path, BROKEN)
    before = sites.tree(root)
    done = sites.run(command, root=root)
    assert (done.returncode, done.stdout) == (1, "")
    assert problems(done.stderr) == PROBLEMS
    assert sites.tree(root) == before


def test_warnings_count_only_when_strict(tmp_path):
    """A draft is told; `check` and `build` accept it, `check --strict` does not."""
    root = sites.copy(tmp_path, DRAFT)
    told = ["glossary/bread.yml:23:9: warning draft"]
    for arguments, code in ((["check"], 0), (["check", "--strict"], 1), (["build"], 0)):
        done = sites.run(*arguments, root=root)
        assert (done.returncode, problems(done.stderr)) == (code, told)


def test_annotations_for_github(tmp_path):
    """`--format github` prints workflow commands on standard output, one a problem."""
    done = sites.run("check", "--format", "github", root=sites.copy(tmp_path, DRAFT))
    assert done.returncode == 0
    assert done.stdout == (
        '::warning file=glossary/bread.yml,line=23,col=9,title=draft::"bread" is a draft. '
        'Review it, then set "status: reviewed"\n')


@pytest.mark.parametrize("arguments", [
    ["check", "--format", "xml"], ["check", "--unknown"], ["bake"], ["links"],
])
def test_misuse_exits_2(tmp_path, arguments):
    """An unknown command or option, or links before a build, is a misuse and not a problem."""
    assert sites.run(*arguments, root=sites.copy(tmp_path)).returncode == 2


def test_a_folder_without_a_site_is_misuse(tmp_path):
    """Without mkdocs.yml there is nothing to check; the message says where it was looked for."""
    done = sites.run("check", root=tmp_path, env={"COLUMNS": "500"})
    assert done.returncode == 2
    assert f"there is no mkdocs.yml in {tmp_path}" in done.stderr


@pytest.mark.parametrize(("text", "warning"), [
    ("# Page\n\n[Bread](glossary/bread.md#nothing)\n", "#nothing"),
    ("# Page\n\n[Bread](glossary/bred.md)\n", "glossary/bred.md"),
    ("# Page\n\n{{ baguette() }}\n", "baguette"),
    ('# Page\n\n{{ definition("bred") }}\n', "bred"),
])
def test_a_page_that_mkdocs_warns_about_publishes_nothing(built, text, warning):
    """A broken anchor, link or macro on a page by hand: exit 1, and the last good site stays."""
    before = sites.tree(built / "site")
    (built / "docs/page.md").write_text(text, encoding="utf-8")
    done = sites.run("build", root=built)
    assert done.returncode == 1
    assert warning in done.stderr and "Nothing was published" in done.stderr
    assert sites.tree(built / "site") == before
    assert len(list((built / ".site").iterdir())) == 1


def test_a_killed_build_leaves_the_site_whole(tmp_path):
    """SIGKILL at ten random moments: readers have the old site, or already the whole new one."""
    root = sites.build(tmp_path / "root")
    old = sites.tree(root / "site")
    more = {"docs/new.md": "# New\n\nA page about bread.\n"}
    start = time.monotonic()
    new = sites.tree(sites.build(tmp_path / "other", more) / "site")
    sites.copy(root, more)
    took = time.monotonic() - start
    for tenth in range(10):
        moment = took * (tenth + random.random()) / 10
        shutil.rmtree(root / ".cache", ignore_errors=True)  # else a later one is spared
        process = subprocess.Popen(sites.command("build", root=root), stderr=subprocess.DEVNULL)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        finished = process.wait() == 0
        site = sites.tree(root / "site")
        assert site in ((new,) if finished else (old, new))
        old = site
    assert sites.run("build", root=root).returncode == 0
    assert sites.tree(root / "site") == new
    assert len(list((root / ".site").iterdir())) <= KEEP


def test_a_real_folder_is_replaced(tmp_path):
    """What `mkdocs build` left at `site` gives way to a link; nothing of it stays behind there."""
    root = sites.copy(tmp_path, {"site/old.html": "old", "site/deep/old.html": "old"})
    assert sites.run("build", root=root).returncode == 0
    assert (root / "site").is_symlink()
    assert (root / "site/index.html").is_file() and not (root / "site/old.html").exists()
    for _ in range(2):
        shutil.rmtree(root / ".cache")  # else there would be nothing to build
        assert sites.run("build", root=root).returncode == 0
    assert len(list((root / ".site").iterdir())) <= KEEP


def test_a_failed_build_leaves_a_real_folder_alone(tmp_path):
    """Until a build is good, even a site that we did not make stays as it is."""
    root = sites.copy(tmp_path, {"site/old.html": "old", "docs/page.md": "# P\n\n[x](y.md)\n"})
    assert sites.run("build", root=root).returncode == 1
    assert not (root / "site").is_symlink() and sites.tree(root / "site").keys() == {"old.html"}


@pytest.mark.parametrize("fault", ["build", "verify"])
def test_publish_hands_on_what_is_raised(tmp_path, fault):
    """A fault while building or verifying reaches the caller; the site stays as it was."""
    publish(tmp_path / "site", lambda folder: (folder / "a").touch(), lambda _: None)

    def fail(folder):
        raise KeyboardInterrupt(fault)

    steps = {"build": lambda folder: (folder / "b").touch(), "verify": lambda _: None, fault: fail}
    with pytest.raises(KeyboardInterrupt, match=fault):
        publish(tmp_path / "site", steps["build"], steps["verify"])
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["a"]
    assert len(list((tmp_path / ".site").iterdir())) == 1
