"""Bodies made before are used only where they are what would be made now."""

import os
import random
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest
import yaml
from mkdocs.config import load_config
from mkdocs.structure.files import get_files
from mkdocs.structure.nav import get_navigation
from sites import build, copy, run, tree

from termbook import plugin
from termbook.cache import CACHE, TIMES, Cache, digest
from termbook.load import load

STEPS, EVERY = 300, 25


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def cache(tmp_path, warnings):
    return Cache(tmp_path / "kept" / "file.sqlite3", warnings.append)


def _write(cache, new, used=()):
    cache.keep(new, used)
    cache.write()


def test_what_was_kept_comes_back(cache, warnings):
    """By its key, and only that."""
    _write(cache, {"a": b"\0\xff", "b": b""})
    assert cache.read(["a", "c"]) == {"a": b"\0\xff"} and cache.read(["b"]) == {"b": b""}
    assert cache.read(f"key {n}" for n in range(2000)) == {} and warnings == []


def test_nothing_was_kept_yet(cache, warnings):
    """An empty cache is no fault, and reading makes no file."""
    assert cache.read(["a"]) == {} and not cache.filled and warnings == []


def test_what_is_of_no_use_goes(cache):
    """After some builds that did not want it, each of which kept something else."""
    _write(cache, {"old": b"1", "wanted": b"2", "found": b"3"})
    for number in range(3 * TIMES):
        assert (cache.read(["old"]) == {}) == (number >= TIMES)
        assert cache.find("found") == b"3"
        _write(cache, {str(number): b""}, ["wanted"])
    assert cache.read(["old", "wanted"]) == {"wanted": b"2"}


def test_what_is_made_once(cache, tmp_path, warnings):
    """It is kept when others are, and found by the next build."""
    assert cache.once("a", lambda: b"1") == b"1" and not cache.filled
    _write(cache, {"b": b"2"})
    again = Cache(tmp_path / "kept" / "file.sqlite3", warnings.append)
    assert again.once("a", lambda: b"other") == b"1" and again.find("b") == b"2"
    assert again.find("c") is None and warnings == []


def test_texts_are_told_apart():
    """Where one text ends and the next begins counts."""
    assert len({digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("abc", "")}) == 4


@pytest.mark.parametrize("damage", [b"no database", b"", b"SQLite format 3\0" + bytes(4000)])
def test_a_damaged_file_is_replaced(cache, tmp_path, warnings, damage):
    """It gives one line, not an error, and the next build has a new one."""
    path = tmp_path / "kept" / "file.sqlite3"
    _write(cache, {"a": b"1"})
    path.write_bytes(damage)
    assert cache.read(["a"]) == {}
    _write(cache, {"a": b"2"})
    assert len(warnings) == (0 if damage == b"" else 1)
    again = Cache(path, warnings.append)
    _write(again, {"a": b"3"})
    assert again.read(["a"]) == {"a": b"3"}


@pytest.mark.parametrize("value", [b"junk and more", b"", None])
def test_a_damaged_value_is_no_value(cache, tmp_path, warnings, value):
    """Whatever stands in the file, nothing is raised."""
    _write(cache, {"a": b"1"})
    with sqlite3.connect(tmp_path / "kept" / "file.sqlite3") as file:
        file.execute("UPDATE kept SET value = ?", (value,))
    file.close()
    assert cache.read(["a"]) == {} and len(warnings) == 1


def test_a_file_that_another_build_holds(cache, tmp_path, warnings):
    """The build goes on without it."""
    _write(cache, {"a": b"1"})
    with sqlite3.connect(tmp_path / "kept" / "file.sqlite3") as other:
        other.execute("BEGIN EXCLUSIVE")
        _write(cache, {"b": b"2"})
    other.close()
    assert len(warnings) == 1 and "locked" in warnings[0]
    assert Cache(tmp_path / "kept" / "file.sqlite3", warnings.append).read(["a"]) == {"a": b"1"}


def test_a_folder_that_cannot_be_made(tmp_path):
    """One line tells it, and the site is built all the same."""
    root = copy(tmp_path)
    (root / ".cache").write_text("not a folder")
    done = run("build", root=root)
    assert done.returncode == 0
    assert (done.stdout + done.stderr).count("is not used") == 1


def test_a_damaged_cache_leaves_the_site_the_same(tmp_path):
    """The build says so in one line."""
    root = build(tmp_path)
    before = tree(root / "site")
    path = root / CACHE
    assert path.stat().st_size > 10_000
    path.write_bytes(path.read_bytes()[:5000])
    done = run("build", root=root)
    assert done.returncode == 0 and (done.stdout + done.stderr).count("was damaged") == 1
    assert tree(root / "site") == before


def test_a_cache_of_other_code_is_of_no_use(tmp_path, monkeypatch):
    """Whatever could make other bodies is part of their keys."""
    root = copy(tmp_path)
    _bodies(root)
    keys = set(_keys(root))
    monkeypatch.setattr("termbook.generated_page.engine", lambda: "another version")
    _bodies(root)
    assert keys.isdisjoint(set(_keys(root)) - keys) and len(set(_keys(root))) == 2 * len(keys)


def _keys(root: Path) -> list[str]:
    file = sqlite3.connect(root / CACHE)
    try:
        return [key for (key,) in file.execute("SELECT key FROM kept")]
    finally:
        file.close()


def _bodies(root: Path, *others: Cache, workers: int = 1) -> list[dict[str, bytes]]:
    """The body of every page by its path, made as a build makes them; once for each cache.

    The first is that of `root`.
    """
    config = load_config(str(root / "mkdocs.yml"), site_dir=str(root / "never"))
    config.plugins.on_startup(command="build", dirty=False)
    config = config.plugins.on_config(config)
    config.plugins.on_pre_build(config=config)
    files = config.plugins.on_files(get_files(config), config=config)
    found = []
    for kept in (Cache(root / CACHE, print), *others):
        ours = plugin.ours(config)
        ours._cache, ours.workers = kept, workers
        config.plugins.on_nav(get_navigation(files, config), config=config, files=files)
        found.append({file.src_uri: file.page.body.data
                      for file in files.all_pages if hasattr(file.page, "body")})
        kept.write()
        assert kept.filled
    return found


class Editor:
    """Somebody who edits, adds, renames and removes terms at random, and edits what else there is.
    """

    def __init__(self, root: Path, seed: int) -> None:
        self.root, self.random = root, random.Random(seed)
        self.made = 0

    def step(self) -> None:
        """Change something; what would not pass the check is taken back."""
        before = {path: path.read_bytes() for path in self.files()}
        self.random.choice([
            self.word, self.mention, self.add, self.rename, self.remove, self.other, self.page
        ])()
        try:
            load(self.root, plugin.check)
        except plugin.BookError:
            for path in self.files():
                path.unlink()
            for path, content in before.items():
                path.write_bytes(content)

    def files(self) -> list[Path]:
        folders = [self.root / name for name in ("glossary", "scenarios", "debates", "docs")]
        return [self.root / "sources.yml", *(path for one in folders for path in one.iterdir())]

    def pick(self) -> tuple[Path, dict]:
        paths = sorted((self.root / "glossary").iterdir())
        path = self.random.choice([one for one in paths if b"moved_to" not in one.read_bytes()])
        return path, yaml.safe_load(path.read_text("utf-8"))

    def write(self, path: Path, term: dict) -> None:
        path.write_text(yaml.safe_dump(term, sort_keys=False, allow_unicode=True), "utf-8")

    def word(self) -> None:
        """A definition changes, and with it every preview of the term."""
        path, term = self.pick()
        self.write(path, term | {"definition": f"{term['label']} no. {self.random.random()}."})

    def mention(self) -> None:
        """A term names another one in its note, by a reference or without."""
        (path, term), (other, named) = self.pick(), self.pick()
        note = f"See [that][{other.stem}], or: {named['label']}."
        self.write(path, term | {"note": note})

    def other(self) -> None:
        """A scenario, a debate or a source is called otherwise."""
        path = self.random.choice([
            *(self.root / "scenarios").iterdir(), *(self.root / "debates").iterdir(),
            self.root / "sources.yml",
        ])
        data = yaml.safe_load(path.read_text("utf-8"))
        if path.name == "sources.yml":
            here = data[self.random.choice(sorted(one for one in data if "title" in data[one]))]
        else:
            here = data
        key = next(one for one in ("label", "question", "title") if one in here)
        here[key] = f"What is no. {self.random.random()}?"
        self.write(path, data)

    def page(self) -> None:
        """A page by hand mentions a term."""
        named = self.pick()[1]["label"]
        text = f"# About\n\nWhat {named} is for, no. {self.random.random()}.\n"
        (self.root / "docs" / "about.md").write_text(text, "utf-8")

    def add(self) -> None:
        """A new term comes, whose name may stand in a text already."""
        self.made += 1
        label = self.random.choice(["Jar", "Night", "Oven", "Water", "Salt crust", "Hand"])
        self.write(self.root / "glossary" / f"made-{self.made}.yml", {
            "label": f"{label}", "definition": f"What is told of no. {self.made}.",
        })

    def rename(self) -> None:
        """A term goes to another id, and leaves word of it."""
        path, term = self.pick()
        self.made += 1
        new = path.with_name(f"renamed-{self.made}.yml")
        self.write(new, term)
        self.write(path, {"moved_to": new.stem})

    def remove(self) -> None:
        """A term goes, if nothing needs it."""
        self.pick()[0].unlink()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_cached_build_is_the_cold_one(tmp_path, monkeypatch, warnings, workers):
    """After each of many changes, every body is what it would be without a cache, and after some
    of them the whole site.
    """
    monkeypatch.setattr("termbook.workers.WORTH_A_WORKER", 8)
    root = copy(tmp_path / "site")
    editor, taken, finished = Editor(root, workers), 0, 0
    for number in range(STEPS):
        editor.step()
        warm, cold = _bodies(
            root, Cache(tmp_path / "empty" / str(number), warnings.append), workers=workers
        )
        assert warm == cold
        taken += len(warm)
        if number % EVERY < 2:  # after many changes, and after one more
            finished += _same_site(root, tmp_path / "cold")
    assert taken > 30 * STEPS and finished > 5 * STEPS / EVERY and warnings == []


def _same_site(root: Path, other: Path) -> int:
    """Build the whole site, with what was kept and without, byte for byte the same.

    Gives how many pages were taken over from the site built before.
    """
    assert run("build", root=root).returncode == 0
    shutil.copytree(root, other, ignore=shutil.ignore_patterns("site", ".site", ".cache"))
    assert run("build", root=other).returncode == 0
    assert tree(root / "site") == tree(other / "site")
    shutil.rmtree(other)
    return sum(path.stat().st_nlink > 1 for path in (root / "site").resolve().rglob("*.html"))


def test_bodies_do_come_from_the_cache(tmp_path, monkeypatch):
    """One changed definition remakes its own page and those that show it, no other."""
    root = build(tmp_path)
    path = root / "glossary" / "lame.yml"
    path.write_text(path.read_text("utf-8").replace("definition:", "note: New.\ndefinition:"))
    made = []
    usual = plugin.BodyMaker._made
    monkeypatch.setattr(plugin.BodyMaker, "_made", lambda self, page: (
        made.append(page.file.src_uri), usual(self, page))[1])
    _bodies(root)
    assert made == ["glossary/lame.md"]


def test_the_file_is_the_owners(tmp_path):
    """Nobody else is invited to write what will be published."""
    root = build(tmp_path)
    assert not stat.S_IMODE(os.stat(root / CACHE).st_mode) & 0o022
