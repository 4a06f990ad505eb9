"""``scada user``, ``scada token``, ``scada audit`` in this process: output, exit status, the audit trail they leave."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from runtime.commands import main
from runtime.scan import wall_time
from runtime.settings import load_settings
from tagdb.accounts import Accounts, Denied, Role

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def ini(tmp_path: Path) -> str:
    path = tmp_path / "site.ini"
    path.write_text("[site mkz]\n[device mkz.shpr]\nlink = tcp://127.0.0.1:1026\nmap = hgm9560\n", encoding="utf-8")
    return str(path)


def accounts_of(ini: str) -> Accounts:
    return Accounts(load_settings(Path(ini)).accounts, wall_time)


def test_a_token_that_works(ini: str, capsys: Capture) -> None:
    assert main(["token", "create", "--role", "operator", "--expires", "30d", "--name", "grafana", "--ini", ini]) == 0
    out, err = capsys.readouterr()
    secret = out.strip()
    assert out == f"{secret}\n", "the token alone, for scripts"
    assert secret not in err
    accounts = accounts_of(ini)
    standing = accounts.tokens.find(secret, "127.0.0.1")
    assert (standing.actor.name, standing.actor.role) == ("grafana", Role.OPERATOR)
    assert standing.expires_at
    assert abs(standing.expires_at - wall_time() - 30 * 86400) < 3600
    assert main(["token", "list", "--ini", ini]) == 0
    listed = capsys.readouterr().out
    assert secret not in listed
    reference = listed.split()[0]
    assert main(["token", "revoke", reference, "--ini", ini]) == 0
    with pytest.raises(Denied, match="was revoked"):
        accounts.tokens.find(secret, "127.0.0.1")
    accounts.close()
    assert main(["token", "revoke", reference, "--ini", ini]) == 2
    assert capsys.readouterr().err == f"scada token: there is no token '{reference}' in force\n"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--role", "boss"], "found 'boss', expected one of viewer, operator, engineer, administrator"),
        (["--role", "viewer", "--expires", "0d"], "found '0d', expected a time like 30d, 12h or 90m"),
        (["--role", "viewer", "--expires", "soon"], "expected a time like 30d"),
        ([], "the following arguments are required: --role"),
    ],
)
def test_a_token_that_cannot_be(ini: str, capsys: Capture, argv: list[str], message: str) -> None:
    with pytest.raises(SystemExit) as end:
        main(["token", "create", *argv, "--ini", ini])
    assert end.value.code == 2
    assert message in capsys.readouterr().err


def test_users(ini: str, capsys: Capture) -> None:
    assert main(["user", "add", "Иванов", "--role", "operator", "--site", "mkz", "--ini", ini]) == 0
    link = capsys.readouterr().out.strip()
    assert link.startswith("http://127.0.0.1:8010/setup#")
    accounts = accounts_of(ini)
    assert accounts.links.look(link.partition("#")[2]).name == "Иванов"
    assert main(["user", "change", "иванов", "--role", "engineer", "--site", "*", "--ini", ini]) == 0
    assert (accounts.users.find("Иванов").role, accounts.users.find("Иванов").sites) == (Role.ENGINEER, ("*",))
    assert main(["user", "disable", "Иванов", "--ini", ini]) == 0
    assert main(["user", "list", "--ini", ini]) == 0
    assert "disabled" in capsys.readouterr().out
    assert main(["user", "enable", "Иванов", "--ini", ini]) == 0
    assert main(["user", "reset-password", "Иванов", "--ini", ini]) == 0
    assert main(["user", "drop-second-factor", "Иванов", "--ini", ini]) == 0
    accounts.close()
    assert main(["audit", "export", "--format", "json", "--ini", ini]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert [line["action"] for line in lines] == [
        "user.create", "user.link", "user.change", "user.disable", "user.enable", "user.link", "user.second-factor",
    ]  # fmt: skip
    assert {line["origin"] for line in lines} == {"cli"}
    assert (lines[2]["old"], lines[2]["new"]) == ("operator at mkz", "engineer at all sites")


def test_a_token_for_a_site_that_does_not_exist(ini: str, capsys: Capture) -> None:
    assert main(["token", "create", "--role", "viewer", "--site", "nowhere", "--ini", ini]) == 2
    assert capsys.readouterr().err == "scada token: there is no site 'nowhere'; known: mkz\n"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["add", "x", "--role", "viewer", "--site", "nowhere"], "there is no site 'nowhere'; known: mkz"),
        (["disable", "nobody"], "there is no user 'nobody'"),
        (["add", "<b>", "--role", "viewer"], "found the name '<b>', wanted 1 to 40 letters"),
    ],
)
def test_users_that_cannot_be(ini: str, capsys: Capture, argv: list[str], message: str) -> None:
    assert main(["user", *argv, "--ini", ini]) == 2
    assert message in capsys.readouterr().err


def test_verifying(ini: str, capsys: Capture) -> None:
    assert main(["audit", "verify", "--ini", ini]) == 2
    assert "there is no audit trail" in capsys.readouterr().err
    for name in ("a", "b", "c"):
        main(["user", "add", name, "--role", "viewer", "--ini", ini])
    capsys.readouterr()
    assert main(["audit", "verify", "--ini", ini]) == 0
    head = capsys.readouterr().out.split()[-1]
    assert main(["audit", "verify", "--head", head, "--ini", ini]) == 0
    assert main(["audit", "verify", "--head", "0" * 64, "--ini", ini]) == 1
    assert "is not among them" in capsys.readouterr().out
    with closing(sqlite3.connect(load_settings(Path(ini)).accounts.audit)) as connection, connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET target = 'x' WHERE number = 4")
    assert main(["audit", "verify", "--ini", ini]) == 1
    assert capsys.readouterr().out == (
        "line 4 was changed: its hash is not that of its content; the 3 before it are whole\n"
    )


def test_accounts_that_others_may_read_are_one_line(ini: str, capsys: Capture) -> None:
    main(["user", "list", "--ini", ini])
    load_settings(Path(ini)).accounts.file.chmod(0o644)
    assert main(["user", "list", "--ini", ini]) == 2
    assert "accounts.sqlite3: found mode 644" in capsys.readouterr().err
