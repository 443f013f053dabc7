"""A real part that is missing skips a test, and fails it where everything must be there."""

import pytest

from rig.databases import Kinds


@pytest.fixture
def unreachable(monkeypatch, tmp_path):
    monkeypatch.setenv("HOUSEKEY_TEST_POSTGRES", "postgresql://someone:hidden@127.0.0.1:1/nothing")
    return Kinds(tmp_path)


def test_a_missing_server_skips_and_says_which(monkeypatch, unreachable):
    monkeypatch.delenv("HOUSEKEY_REQUIRE_SERVICES", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"no postgresql at .*HOUSEKEY_TEST_POSTGRES") as skipped:
        unreachable["postgresql"]
    assert "hidden" not in str(skipped.value)


def test_a_missing_server_fails_where_everything_must_be_there(monkeypatch, unreachable):
    monkeypatch.setenv("HOUSEKEY_REQUIRE_SERVICES", "1")
    with pytest.raises(pytest.fail.Exception, match="no postgresql at"):
        unreachable["postgresql"]
