"""No lock that a thread of the parent holds is held in a child for ever: nobody there would let go of it."""

from __future__ import annotations

import os
import signal

import pytest

from housekey.capabilities.audit.chains import Chains
from housekey.kernel.alarms import Alarm
from housekey.store.sweeping import Broom

LONG_S = 10


@pytest.mark.parametrize("made", [lambda: Chains(None), Alarm, Broom], ids=["chains", "alarm", "broom"])
def test_a_child_gets_a_lock_of_its_own(made):
    one = made()
    with one._lock:
        child = os.fork()
        if not child:
            signal.alarm(LONG_S)
            os._exit(0 if one._lock.acquire(blocking=False) else 1)
    assert os.waitpid(child, 0)[1] == 0
