"""The generators that are compared. A peer writes a corpus as its users would, then builds it.

To add one, write a module that makes a `Peer`, and put that into `PEERS`.
"""

from .eleventy import ELEVENTY
from .hugo import HUGO
from .material import MATERIAL
from .sphinx import SPHINX
from .termbook import TERMBOOK
from .zensical import ZENSICAL

REFERENCE = MATERIAL
PEERS = (TERMBOOK, MATERIAL, ZENSICAL, SPHINX, ELEVENTY, HUGO)

__all__ = ["PEERS", "REFERENCE", "TERMBOOK"]
