"""`Housekey(app)`, and what a host says to it."""

from housekey.extension.front import Housekey

__all__ = ["Housekey"]
