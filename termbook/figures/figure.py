"""Figures: a scenario's flows drawn as SVG, and the figures that belong to the content.

All markup is in templates: the engine's own, and `<name>.svg.jinja` in a folder of the content.
Those may come from anybody and are put into pages uncleaned. So they run in a sandbox, and what
they give is refused unless it only draws, writes and links within the site.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import cache
from pathlib import Path

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from ..model import Scenario
from ..problems import BookError, Place, Problem
from .flowchart import draw
from .lettering import wrap

ByTerm = Callable[[str], str]

SUFFIX = ".svg.jinja"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ELEMENT = re.compile("svg|title|desc|g|a|text|tspan|rect|circle|ellipse|line|path|poly(line|gon)")
ATTRIBUTE = re.compile(
    "id|class|role|aria-(labelledby|describedby|hidden)|data-search-exclude|href|viewBox|direction|"
    "transform|[xy][12]?|c[xy]|r[xy]?|width|height|d|points|fill(-opacity)?|"
    "stroke(-width|-dasharray)?|font-(size|weight)|text-anchor"
)
LOCAL = re.compile(r"(?!//)[\w./#%-]*")
HINT = "See the parts a figure can use in termbook/templates/parts" + SUFFIX


def flow_figure(scenario: Scenario, label_of: ByTerm, href_of: ByTerm) -> str:
    """The SVG of who gives what to whom in `scenario`; nothing when it has no flows.

    `label_of` and `href_of` give the label and the page of a term.
    """
    if not scenario.flows:
        return ""
    template = _templates().get_template("flows" + SUFFIX)
    return template.render(
        id=f"flows-{scenario.id}",
        scenario=scenario,
        drawing=draw(scenario, label_of),
        label_of=label_of,
        href_of=href_of,
    )


def named_figure(
    folder: Path, name: str, label_of: ByTerm, href_of: ByTerm, source: str | None = None
) -> str:
    """The SVG of the figure `name` of `folder`, or of `source` in place of its file.

    Raises BookError when there is no such figure, its template fails or it does not only draw.
    """
    try:
        templates = _templates(folder)
        template = (templates.get_template(name + SUFFIX) if source is None
                    else templates.from_string(source))
        svg = template.render(id=f"figure-{name}", label_of=label_of, href_of=href_of)
        _refuse_unsafe(svg)
    except (TemplateError, ET.ParseError, ValueError) as fault:
        place = Place((folder / (name + SUFFIX)).as_posix(), getattr(fault, "lineno", 1))
        message = f'the figure "{name}" cannot be drawn: {fault}'
        raise BookError([Problem(place, "bad-figure", message, HINT)]) from fault
    return svg


def figure_titles(folder: Path, label_of: ByTerm) -> dict[str, str]:
    """The names of all figures in `folder` with their titles; errors as in `named_figure`."""
    names = [path.name.removesuffix(SUFFIX) for path in sorted(folder.glob("*" + SUFFIX))]
    return {name: _title(named_figure(folder, name, label_of, "#{}".format)) for name in names}


def _title(svg: str) -> str:
    return " ".join(ET.fromstring(svg).findtext("{*}title", "").split())


def _refuse_unsafe(svg: str) -> None:
    """Raises ValueError unless `svg` is XML with a title and only draws, writes and links."""
    if "<!" in svg:
        raise ValueError("comments and declarations do not belong in it")
    if not _title(svg):
        raise ValueError("it has no <title>")
    for element in ET.fromstring(svg).iter():
        tag = element.tag.rpartition("}")[2]
        if not ELEMENT.fullmatch(tag):
            raise ValueError(f"<{tag}> is not allowed")
        for name, value in element.items():
            if not ATTRIBUTE.fullmatch(name) or "url(" in value:
                raise ValueError(f'{name}="{value}" is not allowed')
            if name == "href" and not LOCAL.fullmatch(value):
                raise ValueError(f'"{value}" is not a link within the site')


@cache
def _templates(*folders: Path) -> Environment:
    env = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(folders), PackageLoader("termbook")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_as_xml,
    )
    env.filters["wrap"] = wrap
    return env


def _as_xml(value: object) -> object:
    """`value` without characters that XML cannot hold."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return NOT_XML.sub("\ufffd", value)
    return value
