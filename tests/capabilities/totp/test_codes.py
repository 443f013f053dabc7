"""Codes as RFC 6238 has them, and what is forgiven of what people type."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from housekey.capabilities.totp import codes

RFC_SEED = b"12345678901234567890"
RFC_6238 = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
"""Appendix B, SHA-1: eight digits, of which we show the last six."""
RFC_4226 = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
"""Appendix D."""
seeds = st.binary(min_size=20, max_size=20)
moments = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))


@pytest.mark.parametrize(("second", "code"), list(RFC_6238.items()))
def test_the_vectors_of_rfc_6238(second, code):
    step = codes.step_at(datetime.fromtimestamp(second, UTC))
    assert codes.code_at(RFC_SEED, step) == code[-6:]


@pytest.mark.parametrize(("step", "code"), list(enumerate(RFC_4226)))
def test_the_vectors_of_rfc_4226(step, code):
    assert codes.code_at(RFC_SEED, step) == code


@pytest.mark.asvs("6.5.5")
@given(seeds, moments, st.integers(-5, 5), st.integers(0, 2))
def test_a_code_works_within_the_drift_and_no_longer(seed, moment, away, drift):
    step = codes.step_at(moment) + away
    found = codes.matching_step(seed, codes.code_at(seed, step), moment, drift)
    if abs(away) <= drift:
        assert found is not None
        assert codes.code_at(seed, found) == codes.code_at(seed, step)
    else:  # a code of another step may happen to be the same: one in a million
        assert found is None or codes.code_at(seed, found) == codes.code_at(seed, step)


@given(seeds, moments, st.text(max_size=80))
def test_whatever_is_typed_is_judged_and_nothing_raises(seed, moment, typed):
    found = codes.matching_step(seed, typed, moment, 1)
    assert found is None or codes.code_at(seed, found) == codes.normal(typed)


def test_only_whole_codes_work():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    code = codes.code_at(RFC_SEED, codes.step_at(now))
    for wrong in ("", code[:-1], code + "0", code[1:], "0" + code, "\ud800" + code[1:]):
        assert codes.matching_step(RFC_SEED, wrong, now, 1) is None


@pytest.mark.parametrize("typed", ["123456", "123 456", " 12-34 56 ", "123\u00a0456", "١٢٣٤٥٦", "１２３４５６"])
def test_blanks_dashes_and_digits_of_other_scripts_are_forgiven(typed):
    assert codes.normal(typed) == "123456"


@pytest.mark.asvs("6.5.3")
def test_seeds_have_160_bits_and_differ():
    assert len(codes.new_seed()) == 20
    assert len({codes.new_seed() for _ in range(50)}) == 50
    assert len(codes.as_text(codes.new_seed())) == 32


@given(seeds, st.text(max_size=60), st.text(max_size=60))
def test_the_address_holds_site_and_account_whatever_they_are_called(seed, site, account):
    url = urlsplit(
        codes.address(
            seed, site=site.encode("utf-8", "replace").decode(), account=account.encode("utf-8", "replace").decode()
        )
    )
    label, query = unquote(url.path.removeprefix("/")), parse_qs(url.query, strict_parsing=True)
    assert (url.scheme, url.netloc) == ("otpauth", "totp")
    assert label.count(":") == 1
    assert label.partition(":")[0] == query["issuer"][0]
    assert query["secret"] == [codes.as_text(seed)]
    assert (query["digits"], query["period"], query["algorithm"]) == (["6"], ["30"], ["SHA1"])


def test_the_address_is_what_apps_read():
    told = codes.address(RFC_SEED, site="Tea: a Club", account="ann@example.org")
    assert told == (
        "otpauth://totp/Tea%20%20a%20Club:ann@example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=Tea%20%20a%20Club&algorithm=SHA1&digits=6&period=30"
    )


def test_the_picture_is_an_element_without_style_or_script():
    picture = codes.picture(codes.address(RFC_SEED, site="Tea", account="ann@example.org"))
    assert picture.startswith("<svg")
    assert "style" not in picture
    assert "<script" not in picture


def test_the_clock_of_a_phone_that_is_a_minute_off_is_told_so():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    early = codes.code_at(RFC_SEED, codes.step_at(now - timedelta(minutes=1)))
    assert codes.matching_step(RFC_SEED, early, now, 1) is None
    assert codes.matching_step(RFC_SEED, early, now, 2) is not None
