"""What makes a build fast changes nothing in it: frames, workers, fewer patterns, same bytes."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import markdown
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import FileSystemLoader
from mkdocs.config import load_config
from sites import ROOT, build, copy, run, tree

from termbook import frame, quick_parser, workers
from termbook.apart import others_want_pages

AWKWARD = {
    "glossary/levain.yml": 'label: "Chef & levain"\ndefinition: Sour dough kept from day to day.\n'
    "examples: [A jar.]\nbroader: [dough]\nstatus: reviewed\n",
    "glossary/levee.yml": "label: It's a levée\ndefinition: A long rest of the dough.\n"
    "examples: [A night.]\nbroader: [dough]\nstatus: reviewed\n",
}


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """The bread site with awkward names, built as usual."""
    return build(tmp_path_factory.mktemp("usual"), AWKWARD)


def test_the_theme_itself_gives_the_same_bytes(usual, tmp_path):
    """Pages from frames are those that the theme renders one by one."""
    root = copy(tmp_path, AWKWARD)
    program = (
        "import re, sys; from termbook import frame; frame._INERT = re.compile('(?!)'); "
        "sys.argv[1:] = ['build']; from termbook.cli import main; main()"
    )
    subprocess.run([sys.executable, "-c", program], cwd=root, check=True, capture_output=True)
    assert tree(root / "site") == tree(usual / "site")


def test_names_that_the_theme_would_change_stand_in_no_frame():
    """Escaping or the stripping of tags and spaces would change these."""
    for name in ("a & b", "it's", 'a "b"', "<b>", "two  spaces", "line\nbreak", " edge", ""):
        assert not frame._INERT.fullmatch(name), name
    assert frame._INERT.fullmatch("Đội phát triển (nhóm)")


@pytest.mark.parametrize("count", [2, 3])
def test_workers_give_the_same_bytes(usual, tmp_path, count):
    """However many processes share the work, the site is the same."""
    root = copy(tmp_path, AWKWARD)
    program = (
        "import sys; from termbook import workers; workers.WORTH_A_WORKER = 1; "
        f"sys.argv[1:] = ['build', '--workers', '{count}']; from termbook.cli import main; main()"
    )
    subprocess.run([sys.executable, "-c", program], cwd=root, check=True, capture_output=True)
    assert tree(root / "site") == tree(usual / "site")


def test_the_list_of_a_theme_lacks_only_what_is_hidden():
    """MkDocs would leave that out as well, once it had looked at each of ten thousand icons."""
    folders = load_config(str(ROOT / "mkdocs.yml")).theme.dirs
    whole = FileSystemLoader(folders).list_templates()
    shown = [name for name in whole if not any(one.startswith(".") for one in name.split("/"))]
    listed = frame.Templates(folders).list_templates()
    assert [name for name in listed if not name.rpartition("/")[2].startswith(".")] == shown
    assert len(listed) < len(whole) / 10


HOOKS = {
    # A hook of MkDocs' own, and one of mkdocs-macros.
    "mkdocs.yml": ("hooks: [hook.py]\n", "hook.py", """
def on_page_context(context, *, page, config, nav):
    with open("seen.txt", "a") as file:
        file.write(page.file.src_uri + "\\n")
    return context
"""),
    "macros.py": ("""
def on_post_page_macros(env):
    with open("seen.txt", "a") as file:
        file.write(env.page.file.src_uri + "\\n")
""", "more.py", ""),
}


@pytest.mark.parametrize("name", HOOKS)
def test_pages_go_through_mkdocs_where_a_hook_wants_them(usual, tmp_path, name):
    """It is asked of every page, and the pages are the same."""
    more, other, code = HOOKS[name]
    root = copy(tmp_path, AWKWARD)
    (root / name).write_text((root / name).read_text("utf-8") + more, "utf-8")
    (root / other).write_text(code, "utf-8")
    subprocess.run(
        [sys.executable, "-m", "termbook", "build"], cwd=root, check=True, capture_output=True
    )
    seen = (root / "seen.txt").read_text("utf-8").split()
    assert {"glossary/dough.md", "glossary/index.md", "glossary/levain.md"} <= set(seen)
    assert len(seen) == len(set(seen))
    assert tree(root / "site") == tree(usual / "site")


def test_no_hook_wants_pages_as_a_rule(usual):
    """Or the site of the other test would not tell that both ways give the same."""
    config = load_config(str(usual / "mkdocs.yml"))
    config.plugins.on_startup(command="build", dirty=False)
    assert not others_want_pages(config.plugins.on_config(config))


FIRST = os.getpid()


def square(number):
    """Work that fails at 17."""
    if number == 17:
        raise ValueError("seventeen")
    return number * number


def die(number):
    """Work that a worker dies of once it has done 11 or 12, for which this process waits."""
    if os.getpid() == FIRST:
        time.sleep(0.5)
    elif number not in (11, 12):
        os.kill(os.getpid(), signal.SIGKILL)


def die_telling(number):
    """Work with a result of which a worker has told a part when it dies."""
    if os.getpid() == FIRST:
        time.sleep(0.5)
    else:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return bytes(10**7)


@pytest.fixture
def small_shares(monkeypatch):
    monkeypatch.setattr(workers, "WORTH_A_WORKER", 1)


@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_each_item_gets_its_result(small_shares, count):
    """With one process or many, every item comes back with what belongs to it."""
    assert dict(workers.SharedWork(square, range(12), count)) == {n: n * n for n in range(12)}


def test_very_many_items_are_divided_all_the_same():
    """Their numbers would not fit into a pipe, and nobody reads it yet when they are written."""
    program = (
        "from termbook import workers; workers.RUNS = 10**6\n"
        "done = dict(workers.SharedWork(abs, range(100_000), 2))\n"
        "assert done == {n: n for n in range(100_000)}"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_where_no_process_can_be_had_the_first_does_all(small_shares, monkeypatch):
    """The system may refuse one for want of memory, or because there are too many."""
    def refused():
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refused)
    assert sorted(workers.SharedWork(abs, range(-100, 0), 3)) == [
        (number, -number) for number in range(-100, 0)]


def test_a_worker_that_dies_is_named_by_its_item(small_shares, monkeypatch):
    """What it was at is said, and not what it had done already."""
    monkeypatch.setattr(workers, "RUNS", 1)  # each takes half of the items
    with pytest.raises(workers.WorkerDied) as raised:
        list(workers.SharedWork(die, [11, 12, 13, 14, 11, 12, 15, 16], 2))
    assert raised.value.item in (13, 15)


def test_a_worker_that_dies_while_it_tells_is_missed(small_shares):
    """A result that is cut is none."""
    with pytest.raises(workers.WorkerDied):
        list(workers.SharedWork(die_telling, range(2), 2))


def test_no_worker_outlives_the_process_it_works_for(tmp_path):
    """Also when that is killed while the worker has more to tell than a pipe holds."""
    program = (
        "import os, signal, time; from termbook import workers\n"
        "workers.WORTH_A_WORKER, first = 1, os.getpid()\n"
        "def work(_):\n"
        "    if os.getpid() == first: time.sleep(0.5); os.kill(first, signal.SIGKILL)\n"
        "    open(f'pid-{os.getpid()}', 'w').close()\n"
        "    return bytes(10**7)\n"
        "list(workers.SharedWork(work, range(100), 2))"
    )
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=False)
    (named,) = tmp_path.glob("pid-*")
    worker = int(named.name.removeprefix("pid-"))
    for _ in range(100):
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.kill(worker, signal.SIGKILL)
    pytest.fail("the worker goes on")


def test_what_a_worker_raises_is_raised(small_shares):
    """Here as in one process."""
    with pytest.raises(ValueError, match="seventeen"):
        list(workers.SharedWork(square, range(14, 20), 2))


def test_a_worker_that_dies_leaves_the_site_as_it_was(usual):
    """The build fails with the name of the page, and nothing is published."""
    before = tree(usual / "site")
    shutil.rmtree(usual / ".cache")  # or there would be no work
    program = (
        "import os, signal, sys; from termbook import generated_page, workers\n"
        "workers.WORTH_A_WORKER, first = 1, os.getpid()\n"
        "usual = generated_page.BodyMaker._made\n"
        "def die(self, page):\n"
        "    if os.getpid() != first:\n"
        "        open('at.txt', 'w').write(page.file.src_uri)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return usual(self, page)\n"
        "generated_page.BodyMaker._made = die\n"
        "sys.argv[1:] = ['build', '--workers', '2']\n"
        "from termbook.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=usual, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert (usual / "at.txt").read_text() in done.stderr and "Traceback" not in done.stderr
    assert tree(usual / "site") == before


def test_no_worker_outlives_a_build_that_fails(usual):
    """Pages are written beside what MkDocs does, which may fail in the meantime."""
    program = (
        "import os, sys, time; from termbook import plugin, workers\n"
        "workers.WORTH_A_WORKER, first, ours = 1, os.getpid(), plugin.TermbookPlugin\n"
        "def write(self, page, config):\n"
        "    if os.getpid() == first: return plugin._Written('', plugin.Used())\n"
        "    open('at.txt', 'w').write(str(os.getpid()))\n"
        "    time.sleep(60)\n"
        "def fail(self, config):\n"
        "    while not os.path.exists('at.txt'): time.sleep(0.01)\n"
        "    raise plugin.PluginError('no search')\n"
        "ours._write, ours._write_search = write, fail\n"
        "sys.argv[1:] = ['build', '--workers', '2']\n"
        "from termbook.cli import main; main()"
    )
    (usual / "docs" / "more.md").write_text("# More\n", "utf-8")  # or nothing would be built
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=usual, capture_output=True, text=True, check=False
    )
    (usual / "docs" / "more.md").unlink()
    assert done.returncode == 1 and "no search" in done.stderr
    worker = int((usual / "at.txt").read_text())
    (usual / "at.txt").unlink()
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_workers_are_at_least_one(usual):
    """Nobody works with none."""
    done = run("build", "--workers", "0", root=usual)
    assert done.returncode == 2 and "--workers" in done.stderr


EXTENSIONS = [
    "admonition", "attr_list", "def_list", "md_in_html", "tables", "toc", "pymdownx.details",
    "pymdownx.superfences", "pymdownx.tabbed",
]
SLOW = markdown.Markdown(extensions=EXTENSIONS)
QUICK = markdown.Markdown(extensions=EXTENSIONS)
quick_parser.quicken(QUICK)
SIGNS = st.text(st.sampled_from("ab \n*_`[]()<>!&;:\\#{}.-|=\"'/@1?~"), max_size=80)
LINES = st.lists(
    st.tuples(
        st.sampled_from(["", " ", "  ", "    ", "        "]),
        st.sampled_from([
            "", "", "word", "two words", "# Head", "## Head ##", "- item", "- ", "- -",
            "- a | b", "- [a]: b", "* item", "+ item",
            "1. item", "-", "---", "- - -", "***", "===", "=", "> said", ": meaning", ":   meaning",
            "[a]: b", "[a][b]", "| a | b |", "a | b", "--- | ---", "|---|---|", "```", "~~~ py",
            "!!! note", '!!! note "Name"', "??? note", '???+ note "Name"', '=== "Tab"',
            '<div markdown="1">', "</div>", "<b>", "&amp;", '<span class="a" hidden>', "</span>",
            "a <span>b</span> c", "&lt;", "&#65;", "&no", "<SPAN>", "</ b>", "`<b>",
            "{: .x }", "[TOC]", "*em*", "\\# no",
            "٣. item", "\x02klzzwxh:0\x03",
        ]),
    ).map("".join), max_size=12,
).map("\n".join)


@settings(max_examples=2000)
@given(SIGNS | LINES)
def test_steps_left_out_would_change_nothing(text):
    """What comes out is the same as when every pattern and every kind of block is tried."""
    assert QUICK.reset().convert(text) == SLOW.reset().convert(text)


def printed(program: str, folder: Path = ROOT) -> str:
    """What a fresh Python prints that runs a program in that folder."""
    return subprocess.run(
        [sys.executable, "-c", program], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def late(program: str) -> str:
    """What a fresh Python prints that loads `requests` late and then runs a program."""
    head = "import sys; from termbook.late import load_late; load_late('requests')\n"
    return printed(head + program)


@pytest.mark.parametrize("use", [
    "import requests; requests.get", "from requests import get", "import requests.exceptions",
    "import requests.adapters; requests.Session()", "from requests.exceptions import Timeout",
])
def test_a_module_is_loaded_once_something_is_asked_of_it(use):
    """However a macro imports it, it gets the real one, and so does whoever comes next."""
    program = f"{use}\nimport requests\nprint(requests.codes.ok, 'urllib3' in sys.modules)"
    assert late(program) == "200 True\n"


def test_a_module_that_nobody_uses_is_not_loaded():
    """To import it and to look for it is no use."""
    program = ("import requests, importlib.util\n"
               "print('urllib3' in sys.modules, importlib.util.find_spec('requests').name)")
    assert late(program) == "False requests\n"


def test_what_is_changed_in_a_module_is_changed_for_all():
    """A package that puts something else into it reaches whoever imports it later."""
    program = ("import requests as early; early.get = 'ours'\n"
               "import requests, requests.adapters\n"
               "print(requests.get, requests is early, 'Session' in dir(early))")
    assert late(program) == "ours False True\n"


def test_threads_may_be_first_together():
    """One of them loads the module, and the others wait for it."""
    program = (
        "import requests, threading; sys.setswitchinterval(1e-6); found = []\n"
        "def ask():\n    gate.wait()\n    found.append(requests.codes.ok)\n"
        "gate = threading.Barrier(8); some = [threading.Thread(target=ask) for _ in range(8)]\n"
        "[one.start() for one in some]; [one.join() for one in some]; print(found)"
    )
    for _ in range(5):
        assert late(program) == f"{[200] * 8}\n"


def test_a_module_that_is_there_or_nowhere_stays_so():
    """What was loaded before is not loaded twice, and a name that nothing has gets no module."""
    program = ("import json; before = json\nload_late('json'); load_late('no_such_module')\n"
               "print(sys.modules['json'] is before, 'no_such_module' in sys.modules)")
    assert late(program) == "True False\n"


def test_a_build_that_is_spared_loads_no_mkdocs(tmp_path):
    """Nor does a check; the first build did."""
    root = build(tmp_path)
    for command in ("build", "check"):
        program = (f"import sys; sys.argv[1:] = ['{command}']; from termbook.cli import main\n"
                   "try: main()\nfinally: print('mkdocs' in sys.modules)")
        assert printed(program, root) == "False\n"


def test_a_build_loads_no_client_for_the_web(tmp_path):
    """mkdocs-macros would, at every start."""
    root = copy(tmp_path, {})
    program = ("import sys; sys.argv[1:] = ['build']; from termbook.cli import main\n"
               "try: main()\nfinally: print('urllib3' in sys.modules)")
    assert printed(program, root) == "False\n"
