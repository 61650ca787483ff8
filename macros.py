"""What a page may call as `{{ name(…) }}`: the macros of the engine's renderer."""

from termbook.plugin import renderer_of
from termbook.render import MACROS


def define_env(env):
    """Offer the renderer's macros to mkdocs-macros."""
    renderer = renderer_of(env.conf)
    for name in MACROS:
        env.macro(getattr(renderer, name), name)
