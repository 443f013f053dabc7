"""Pauses that differ a little, so that many processes don't wake in the same moment."""

from __future__ import annotations

import random

CHANCE = random.SystemRandom()
"""Our threads draw from a source of their own: a host that seeds `random` gets the numbers that it expects."""
