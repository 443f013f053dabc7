"""A bounded number of hashes at once, fair between networks, and a short wait."""

from __future__ import annotations

import os
import threading
import time
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest

from housekey.capabilities.passwords.pool import HashPool
from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.errors import Busy

PATIENT, HURRIED = timedelta(seconds=20), timedelta(milliseconds=20)


def pool_of(size=2, queue=4, wait=PATIENT, per_network=2):
    return HashPool(size=size, queue=queue, wait=wait, per_network=per_network)


def until(true, seconds=20):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.001)


@contextmanager
def waiting(pool, network, served):
    """A caller in the queue, seen to be there; `served` gets its network when its turn comes."""
    before = len(pool._line)
    thread = threading.Thread(target=pool.run, args=(network, lambda: served.append(network)))
    thread.start()
    until(lambda: len(pool._line) == before + 1)
    try:
        yield
    finally:
        thread.join(20)
        assert not thread.is_alive()


def test_what_was_computed_is_returned_and_the_place_is_free_again():
    pool = pool_of(size=1)
    assert [pool.run("net", lambda n=n: n * n) for n in range(3)] == [0, 1, 4]


def test_an_error_inside_gives_the_place_back():
    pool = pool_of(size=1, queue=0)
    with pytest.raises(ZeroDivisionError):
        pool.run("net", lambda: 1 / 0)
    assert pool.run("net", lambda: "free") == "free"


@pytest.mark.asvs("15.2.2")
def test_never_more_hashes_at_once_than_there_are_places(together):
    pool, now, most, guard = pool_of(size=3, queue=100, per_network=100), [], [], threading.Lock()

    def hash_once():
        with guard:
            now.append(1)
            most.append(len(now))
        time.sleep(0.002)
        with guard:
            now.pop()

    together(12, lambda n: [pool.run(n % 4, hash_once) for _ in range(4)])
    assert len(most) == 48
    assert max(most) == 3
    assert not pool._running
    assert not pool._line


def test_who_finds_all_places_taken_is_told_busy_after_the_wait_and_not_before():
    pool = pool_of(size=1, wait=timedelta(milliseconds=60))
    with pool.place("one"):
        started = time.monotonic()
        with pytest.raises(Busy):
            pool.run("two", lambda: None)
        assert time.monotonic() - started >= 0.06
    assert pool.run("two", lambda: "served") == "served"


def test_who_finds_the_queue_full_is_told_busy_at_once():
    pool, served = pool_of(size=1, queue=1), []
    with ExitStack() as stack, pool.place("one"):
        stack.enter_context(waiting(pool, "two", served))
        started = time.monotonic()
        with pytest.raises(Busy):
            pool.run("three", lambda: None)
        assert time.monotonic() - started < 5
    assert served == ["two"]


def test_with_no_queue_nobody_waits():
    pool = pool_of(size=1, queue=0)
    with pool.place("one"), pytest.raises(Busy):
        pool.run("two", lambda: None)


def test_nothing_is_computed_for_who_is_told_busy():
    pool, computed = pool_of(size=1, queue=0), []
    with pool.place("one"), pytest.raises(Busy):
        pool.run("two", lambda: computed.append(1))
    assert not computed


def test_one_network_never_holds_more_than_its_share():
    pool = pool_of(size=4, per_network=2, wait=HURRIED)
    with pool.place("flood"), pool.place("flood"):
        with pytest.raises(Busy):
            pool.run("flood", lambda: None)
        assert pool.run("other", lambda: "served") == "served"


@pytest.mark.asvs("15.2.2", "15.4.4")
def test_a_flood_of_one_network_leaves_places_in_the_queue_to_others():
    pool, served = pool_of(size=2, queue=3, per_network=2), []
    with ExitStack() as stack, pool.place("flood"), pool.place("flood"):
        stack.enter_context(waiting(pool, "flood", served))
        stack.enter_context(waiting(pool, "flood", served))
        with pytest.raises(Busy):
            pool.run("flood", lambda: None)
        stack.enter_context(waiting(pool, "other", served))
    assert sorted(served) == ["flood", "flood", "other"]


def test_who_waits_for_its_networks_share_holds_nobody_else_up():
    pool, served = pool_of(size=2, per_network=1), []
    with ExitStack() as stack, pool.place("flood"):
        stack.enter_context(waiting(pool, "flood", served))
        assert pool.run("other", lambda: "served") == "served"
    assert served == ["flood"]


@pytest.mark.asvs("15.4.4")
def test_those_who_wait_are_served_in_the_order_they_came():
    pool, served = pool_of(size=1, queue=4), []
    with ExitStack() as stack, pool.place("first"):
        for name in ("a", "b", "c", "d"):
            stack.enter_context(waiting(pool, name, served))
    assert served == ["a", "b", "c", "d"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_worker_starts_with_an_empty_pool():
    pool = pool_of(size=1, queue=0)
    with pool.place("parent"), pool._changed:
        child = os.fork()
        if child == 0:
            try:
                served = pool.run("child", lambda: 7)
            except BaseException:
                served = 1
            os._exit(served)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert pool._running == {"parent": 1}


def test_a_pool_is_made_from_the_settings():
    settings = PasswordSettings(pool_size=1, pool_queue=0, pool_wait=HURRIED, pool_per_network=1)
    pool = HashPool.of(settings)
    with pool.place("one"), pytest.raises(Busy):
        pool.run("two", lambda: None)


def test_by_default_one_network_can_never_hold_the_whole_pool():
    settings = PasswordSettings()
    assert settings.pool_per_network < settings.pool_size
    assert settings.pool_per_network < settings.pool_queue
