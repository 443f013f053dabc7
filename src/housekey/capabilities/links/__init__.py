"""What a mail lets its reader do: single-use links, and the short codes beside them."""

from housekey.capabilities.links import tables
from housekey.capabilities.links.settings import LinkSettings
from housekey.capability import Capability

capability = Capability(
    name="links",
    settings=LinkSettings,
    tables=tables.define,
    needs=("throttling",),
)
