"""The report of the standard tells what is met, what fails and what is still to do."""

import pytest

from rig.asvs import deviations, requirements, unknown_claims
from standards import report


@pytest.fixture
def rows():
    return requirements()


def test_every_requirement_of_the_standard_is_listed_once_with_our_judgement(rows):
    assert len(rows) == 345
    assert {row.applies for row in rows.values()} == {"yes", "host", "no"}
    assert {row.level for row in rows.values()} == {1, 2, 3}
    assert all(row.why for row in rows.values())


def test_a_test_that_failed_last_time_meets_nothing():
    assert report.met({"tests/a.py::test_a"})
    assert not report.met(set())
    assert not report.met({"tests/a.py::test_a", "tests/a.py::test_b (FAILS)"})


def test_a_row_names_its_tests_or_what_is_missing(rows, capsys):
    report.show(rows["6.2.1"], {"tests/b.py::test_b", "tests/a.py::test_a"})
    report.show(rows["1.1.1"], set())
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.split() == ["6.2.1", "1", "yes", "tests/a.py::test_a"]
    assert second.strip() == "tests/b.py::test_b"
    assert "not yet" in third


def test_an_id_that_the_standard_does_not_have_is_found_out():
    class Item:
        def iter_markers(self, name):
            return [pytest.mark.asvs("6.2.1", "6.2.99").mark]

    assert unknown_claims(Item()) == ["6.2.99"]


def test_what_is_not_met_is_told_with_its_reason(rows, capsys):
    assert deviations().keys() <= rows.keys()
    report.show(rows["6.3.6"], set())
    assert "docs/security.md: Login by mail exists, and is off." in capsys.readouterr().out


def test_what_waits_for_a_feature_is_told_to_users_too(rows):
    """Of the chapters on authentication and sessions."""
    waiting = {row.id for row in rows.values() if row.when and row.applies == "yes" and row.id[:2] in ("6.", "7.")}
    assert {number for number, text in deviations().items() if text.startswith("Not applicable until")} == waiting
