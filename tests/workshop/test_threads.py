"""The rig keeps its promises about threads."""

import threading

import pytest


def test_all_act_at_once_and_results_keep_their_order(together):
    meeting = threading.Barrier(5, timeout=10)

    def act(number):
        meeting.wait()
        return number * number

    assert together(5, act) == [0, 1, 4, 9, 16]


def test_refusals_are_results_and_other_errors_are_raised(together):
    def act(number):
        if number == 1:
            raise LookupError("taken")
        return "won"

    won, refused = together(2, act, refusals=(LookupError,))
    assert (won, str(refused)) == ("won", "taken")
    with pytest.raises(ExceptionGroup, match="1 of 2 threads failed"):
        together(2, act)
