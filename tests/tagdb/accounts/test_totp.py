"""Codes by time against the vectors of RFC 6238, appendix B, and RFC 4226, appendix D."""

from __future__ import annotations

import base64

import pytest

from tagdb.accounts.totp import code_at, matching_step, new_key, new_recovery_codes, uri

KEY = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
        (2000000000, "279037"), (20000000000, "353130"),
    ],
)  # fmt: skip
def test_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    assert code_at(KEY, seconds // 30) == code


def test_vectors_of_rfc_4226() -> None:
    codes = ["755224", "287082", "359152", "969429", "338314", "254676"]
    assert [code_at(KEY, counter) for counter in range(6)] == codes


def test_a_step_before_and_after_is_taken_but_none_twice() -> None:
    now = 1_700_000_000.0
    current = int(now // 30)
    for step in (current - 1, current, current + 1):
        assert matching_step(KEY, code_at(KEY, step), now) == step
    assert matching_step(KEY, code_at(KEY, current - 2), now) is None
    assert matching_step(KEY, code_at(KEY, current + 2), now) is None
    assert matching_step(KEY, code_at(KEY, current), now, after=current) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12345x"])
def test_what_is_no_code(typed: str) -> None:
    assert matching_step(KEY, typed, 59.0) is None


def test_keys_and_recovery_codes_are_random() -> None:
    assert len(base64.b32decode(new_key())) == 20
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert new_key() != new_key()


def test_what_the_qr_code_says() -> None:
    assert uri("ABC", "Иванов", "МКЗ: ГПУ") == (
        "otpauth://totp/%D0%9C%D0%9A%D0%97%3A%20%D0%93%D0%9F%D0%A3:%D0%98%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2"
        "?secret=ABC&issuer=%D0%9C%D0%9A%D0%97%3A%20%D0%93%D0%9F%D0%A3&digits=6&period=30"
    )
