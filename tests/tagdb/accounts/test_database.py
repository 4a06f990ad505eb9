"""The file: for this user alone, of one kind of plant, of this version."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tagdb.accounts import Accounts, AccountsUnusable, Role
from tests.support.accounts import PASSWORD, WallClock, account_settings, open_accounts


def test_only_this_user_may_read_it(accounts: Accounts) -> None:
    file = accounts.settings.file
    for path in file.parent.glob(f"{file.name}*"):
        assert path.stat().st_mode & 0o777 == 0o600, path


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = account_settings(tmp_path).file
    file.touch()
    file.chmod(0o644)
    with pytest.raises(AccountsUnusable, match="found mode 644"):
        open_accounts(tmp_path, WallClock())


def test_demo_users_never_become_users_of_a_real_plant(tmp_path: Path) -> None:
    open_accounts(tmp_path, WallClock(), demo=True).close()
    with pytest.raises(AccountsUnusable, match="accounts of a demo, this configuration is a real plant"):
        open_accounts(tmp_path, WallClock())


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    open_accounts(tmp_path, WallClock()).close()
    with sqlite3.connect(account_settings(tmp_path).file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(AccountsUnusable, match="written by a newer version"):
        open_accounts(tmp_path, WallClock())


def test_two_processes_share_it(tmp_path: Path) -> None:
    clock = WallClock()
    pages, scan = open_accounts(tmp_path, clock, Role.OPERATOR), open_accounts(tmp_path, clock)
    secret, standing = pages.logins.log_in("operator", PASSWORD, "", "127.0.0.1")
    assert scan.standing(standing.reference).actor.name == "operator"
    scan.sessions.end(standing.reference.partition(":")[2], "revoked")
    with pytest.raises(Exception, match="was ended"):
        pages.sessions.find(secret)
    pages.close()
    scan.close()


def test_no_secret_stands_in_the_file(accounts: Accounts) -> None:
    session, _ = accounts.logins.log_in("operator", PASSWORD, "", "127.0.0.1")
    token, _ = accounts.tokens.create("grafana", Role.VIEWER, "tests")
    link = accounts.first_link() or accounts.links.create("password", "operator", "tests")  # type: ignore[arg-type]
    accounts.close()
    content = b"".join(path.read_bytes() for path in accounts.settings.file.parent.iterdir())
    for secret in (session, token, link, PASSWORD):
        assert secret.encode() not in content
