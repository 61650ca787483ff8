"""The commands for authors: `termbook new | rename | suggest | fix | schemas`."""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Callable
from itertools import chain, repeat
from pathlib import Path
from typing import Annotated, Any

import typer

from ..authoring.files import offer_ids, write
from ..authoring.fix import PAGES, fixed
from ..authoring.forms import FORMS, Ask, Form
from ..authoring.new import SOURCES, choices, faults, near, new_file, proposed_id
from ..authoring.rename import BESIDES, Refused, leftovers, renamed
from ..authoring.suggest import suggestions
from ..book import Book
from ..checks import check
from ..load import SCHEMAS_FOLDER, raw_texts, read
from ..problems import errors
from ..schemas import schemas as all_schemas
from ..terminal import Root, count, say, tell

app = typer.Typer()
new = typer.Typer(no_args_is_help=True, help="Write a new record: what is not given is asked for.")
app.add_typer(new, name="new")


def _command(form: Form) -> Callable[..., None]:
    """The command for a form, with an option for each thing that is asked."""

    def run(root: Path, no_input: bool, **given: Any) -> None:
        _write_new(root, form, {
            ask.option: _as_list(given[ask.option.replace("-", "_")]) for ask in form.asks
        }, no_input)

    parameters = [
        ("root", Root, Path(".")),
        ("no_input", Annotated[bool, typer.Option("--no-input", help="Ask nothing.")], False),
        *((ask.option.replace("-", "_"), _option(ask), None) for ask in form.asks),
    ]
    typed: Any = run
    typed.__annotations__ = {}
    typed.__signature__ = inspect.Signature([
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, kind, default in parameters
    ])
    return run


def _option(ask: Ask) -> Any:
    text = f"{ask.question}.{' May be given several times.' if ask.many else ''}"
    return Annotated[list[str] | None if ask.many else str | None, typer.Option(help=text)]


def _as_list(given: Any) -> list[str]:
    values = given if isinstance(given, list) else [given]
    return [" ".join(value.split()) for value in values if value and value.strip()]


def _write_new(root: Path, form: Form, given: dict[str, list[str]], no_input: bool) -> None:
    book = read(root).book
    asking = not no_input and any(
        len(given[ask.option]) < ask.least and not ask.default for ask in form.asks)
    answers: dict[str, list[str]] = {"key": [secrets.token_hex(4)]}
    changes = None
    while changes is None:
        for ask in form.asks:
            _answer(book, form, ask, given[ask.option], answers, asking)
        try:
            changes = new_file(book, form, answers["id"][0], answers)
        except Refused as refused:
            say(str(refused), "red")
            if not asking:
                raise typer.Exit(1) from None
            say("Once more, please. Press Enter to keep what is in brackets.")
    write(root, changes)
    offer_ids(root, read(root).book)
    _tell_next(answers["id"][0], *changes)


def _answer(
    book: Book, form: Form, ask: Ask, given: list[str], answers: dict[str, list[str]], asking: bool
) -> None:
    """Put the answers to one question into `answers`, which may hold those of a first round."""
    before = answers.get(ask.option, [])
    default = [proposed_id(book, form, answers)] if ask.option == "id" else (
        [ask.default] if ask.default else [])
    if asking and not given:
        answers[ask.option] = _asked(book, form, ask, before or default)
    else:
        answers[ask.option] = given or default
        if wrong := _wrong(book, form, ask, answers[ask.option]):
            raise typer.BadParameter("; ".join(wrong), param_hint=f"--{ask.option}")
    if ask is form.asks[0] and answers[ask.option] != before:
        _warn_of_near(book, form, answers[ask.option][0], asking)


def _wrong(book: Book, form: Form, ask: Ask, answers: list[str]) -> list[str]:
    """What is wrong with the answers to one question."""
    wrong = [fault for answer in answers for fault in faults(book, form, ask, answer)]
    if len(answers) < ask.least:
        wrong.append("this is needed" if ask.least == 1 else f"at least {ask.least} are needed")
    return wrong


def _asked(book: Book, form: Form, ask: Ask, defaults: list[str]) -> list[str]:
    """Answers typed at a prompt; asks again until they are good."""
    some = choices(book, form, ask)
    question = f"{ask.question} ({', '.join(some)})" if some else ask.question
    while wrong := _wrong(book, form, ask, answers := _typed(book, ask, question, defaults)):
        say("\n".join(wrong), "red")
    return answers


def _typed(book: Book, ask: Ask, question: str, defaults: list[str]) -> list[str]:
    if ask.option == "player":
        before = dict(one.partition("=")[::2] for one in defaults)
        roles = [book.terms[one] for one in book.settings.required_roles if one in book.terms]
        players = [(role.id, _typed_once(f"Who is the {role.label}", before.get(role.id, "")))
                   for role in roles]
        return [f"{role}={player}" for role, player in players if player]
    if not ask.each:
        typed = _typed_once(question, ", ".join(defaults))
        parts = typed.split(",") if ask.many else [typed]
        return [part.strip() for part in parts if part.strip()]
    answers: list[str] = []
    for default in chain(defaults, repeat("")):
        typed = _typed_once(f"{'Another: ' if answers else ''}{question}", default)
        if not typed:
            break
        answers.append(typed)
    return answers


def _typed_once(question: str, default: str) -> str:
    typed: str = typer.prompt(question, default=default, show_default=bool(default))
    return " ".join(typed.split())


def _warn_of_near(book: Book, form: Form, name: str, asking: bool) -> None:
    if alike := near(book, form, name):
        say(f'"{name}" is much like {", ".join(alike)}.', "yellow")
        if asking:
            typer.confirm("Is it something else", abort=True)


def _tell_next(record_id: str, path: str) -> None:
    say(f"Wrote {path}", "green")
    if path == SOURCES:
        say(f'Cite it as [words][{record_id}] in a text, or by "sources: [{record_id}]".')
    else:
        say("Open it: it says what else it can hold, and what is still to be written.")
    say("Then run `termbook check`, and `termbook serve` to look at it.")


@app.command()
def rename(
    old: Annotated[str, typer.Argument(help="The id of a record.")],
    to: Annotated[str, typer.Argument(metavar="NEW", help="The id that it gets.")],
    root: Root = Path("."),
    redirect: Annotated[bool, typer.Option(
        help="Leave a file under the old id that leads to the new one, for it may be bookmarked."
    )] = True,
) -> None:
    """Give a record another id: move its file and change everything that names it."""
    reading = read(root)
    if wrong := errors([*reading.problems, *check(reading.book)]):
        tell(wrong)
        say("Nothing was renamed: mend these first.", "red")
        raise typer.Exit(1)
    try:
        changes = renamed(reading.book, root, raw_texts(root, *BESIDES), old, to, redirect)
    except Refused as refused:
        say(str(refused), "red")
        raise typer.Exit(1) from None
    write(root, changes)
    say(f'"{old}" is now "{to}": {count(len(changes), "file")} changed', "green")
    for place in leftovers(raw_texts(root, PAGES, *BESIDES), old):
        say(f'{place}: still says "{old}", perhaps of something else', "yellow")
    say("Now run `termbook check`.")


@app.command()
def suggest(root: Root = Path(".")) -> None:
    """Say what could be linked, told apart or mentioned, as far as a machine can guess."""
    book = read(root).book
    found = sorted(suggestions(book))
    for one in found:
        path, line, column = one.place
        typer.echo(f"{path}:{line}:{column}: {one.what}: {one.found}. {one.proposal}")
    say(count(len(found), "suggestion"))


@app.command()
def fix(
    root: Root = Path("."),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing.")] = False,
) -> None:
    """Mend what needs no person: order of keys, width of lines, spaces, letters, modelines."""
    reading = read(root)
    changes = fixed(reading.book, raw_texts(root, PAGES))
    if not dry_run:
        write(root, changes)
    for path in changes:
        say(f"{'To mend' if dry_run else 'Mended'}: {path}")
    say(count(len(changes), "file") + (" to mend" if dry_run else " mended"), "green")


@app.command()
def schemas(root: Root = Path(".")) -> None:
    """Write the JSON Schemas that editors use into schemas/."""
    folder = root / SCHEMAS_FOLDER
    folder.mkdir(exist_ok=True)
    for name, text in all_schemas().items():
        (folder / name).write_text(text, encoding="utf-8")
    offer_ids(root, read(root).book)
    say(f"Wrote {count(len(all_schemas()) + 1, 'schema')} to {folder}")


for kind, form in FORMS.items():
    new.command(kind, help=f"Write a new {kind}.")(_command(form))
