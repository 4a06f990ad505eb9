"""Every verb of the command channel × every role, against a running scan; and peers that are other users."""

from __future__ import annotations

import os
import re
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.outputs import ChannelServer
from tagdb import Channel, ChannelError
from tagdb.accounts import RIGHTS, Right, Role
from tagdb.audit import AuditFilter, reading
from tests.support.demo import demo_ini
from tests.support.running import Running, running_program

#: verb -> what it takes, with arguments that do nothing; None: it only tells, or is told, and moves nothing
VERBS: dict[str, tuple[Right | None, dict[str, Any]]] = {
    "status": (None, {}),
    "rules": (None, {}),
    "alarms": (None, {}),
    "alarm-health": (None, {}),
    "maintenance-changed": (None, {}),
    "maintenance-confirm": (Right.MAINTAIN, {"device": "none"}),
    "note-login": (None, {"event": "none", "who": "x", "origin": "x"}),
    "acknowledge": (Right.ALARMS, {"items": ["none"]}),
    "shelve": (Right.ALARMS, {"key": "none", "seconds": 60, "reason": "x"}),
    "unshelve": (Right.ALARMS, {"key": "none"}),
    "reset-alarm": (Right.ALARMS, {"key": "none"}),
    "take-out": (Right.OUT_OF_SERVICE, {"key": "none", "reason": "x"}),
    "put-back": (Right.OUT_OF_SERVICE, {"key": "none"}),
    "frames": (Right.ENGINEER, {"link": "none"}),
    "release-frames": (Right.ENGINEER, {"link": "none"}),
    "reload": (Right.ENGINEER, {}),
    "commands": (Right.VIEW, {"device": "none"}),
    "select": (Right.COMMAND, {"device": "none", "command": "none"}),
    "operate": (Right.COMMAND, {"device": "none", "command": "none", "token": "none"}),
    "cancel": (Right.COMMAND, {"device": "none"}),
    "command-status": (None, {"device": "none", "id": 1}),
    "tag-out": (Right.TAG_OUT, {"device": "none", "reason": "x"}),
    "tag-in": (Right.TAG_OUT, {"device": "none"}),
    "tag-outs": (Right.VIEW, {}),
    "force": (Right.FORCE, {"tag": "none.x.y", "value": 1, "seconds": 60, "reason": "x"}),
    "release-force": (Right.FORCE, {"tag": "none.x.y"}),
    "forces": (Right.VIEW, {}),
}
DENIED = ("not-allowed", "not-your-site", "bad-actor", "no-session", "session-ended", "reauthenticate")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("verbs")
    with running_program(demo_ini(folder), folder / "run") as running:
        yield running


def actor(running: Running, role: Role) -> dict[str, Any]:
    assert running.program
    sessions = running.program.accounts.sessions
    if role is Role.VIEWER:
        return sessions.begin_screen("screen", "127.0.0.1")[1].actor.to_json()
    return sessions.begin(role.word, "127.0.0.1", kind="demo")[1].actor.to_json()


def code_of(running: Running, verb: str, **args: Any) -> str:
    try:
        Channel(running.run_dir.channel).call(verb, **args)
    except ChannelError as error:
        return error.code
    return "done"


def known_verbs(running: Running) -> set[str]:
    with pytest.raises(ChannelError) as refused:
        Channel(running.run_dir.channel).call("none")
    return set(re.findall(r"[a-z-]+", refused.value.message.partition(":")[2]))


def test_every_verb_has_a_rule(running: Running) -> None:
    assert known_verbs(running) == set(VERBS), "say in VERBS who may"


@pytest.mark.parametrize("role", Role, ids=lambda role: role.word)
def test_the_matrix_of_verbs(running: Running, role: Role) -> None:
    who = actor(running, role)
    for verb, (right, args) in VERBS.items():
        if right is None:
            assert code_of(running, verb, **args) not in DENIED, verb
        elif role >= RIGHTS[right]:
            assert code_of(running, verb, actor=who, **args) not in DENIED, verb
        else:
            assert code_of(running, verb, actor=who, **args) == "not-allowed", verb


@pytest.mark.parametrize(
    ("forged", "code"),
    [
        ({}, "bad-actor"),
        ({"name": "x", "role": "administrator", "sites": ["*"], "origin": "cli", "session": ""}, "no-session"),
        ({"name": "x", "role": "administrator", "sites": ["*"], "origin": "", "session": "session:x"}, "no-session"),
    ],
)
def test_an_actor_that_the_pages_made_up_gets_nothing(running: Running, forged: dict[str, Any], code: str) -> None:
    for verb, (right, args) in VERBS.items():
        if right not in (None, Right.VIEW):
            assert code_of(running, verb, actor=forged, **args) == code, verb


def test_a_session_that_ended_since_the_page_was_drawn(running: Running) -> None:
    who = actor(running, Role.ENGINEER)
    assert running.program
    assert code_of(running, "frames", actor=who, link="none") == "unknown-link"
    running.program.accounts.sessions.end(who["session"].partition(":")[2], "revoked")
    assert code_of(running, "frames", actor=who, link="none") == "session-ended"


def test_refusals_and_reloads_stand_in_the_audit_trail(running: Running) -> None:
    program = running.program
    assert program
    code_of(running, "reload", actor=actor(running, Role.VIEWER))
    code_of(running, "reload", actor=actor(running, Role.ENGINEER))
    assert program.audit.flush(20)
    with reading(program.assembly.settings.accounts.audit) as book:
        last, refused, *_ = book.lines(AuditFilter(action="config.reload"))
    assert (last.who, last.role, last.result) == ("engineer", "engineer", "done")
    assert (refused.who, refused.result) == ("screen", "refused")


def test_a_peer_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its socket has mode 0600; should somebody come in all the same, the kernel says who (SO_PEERCRED)."""
    path = tmp_path / "channel"
    server = ChannelServer(path, {"add": lambda: 1})
    assert path.stat().st_mode & 0o777 == 0o600
    real = socket.socket.getsockopt

    def stranger(self: socket.socket, level: int, option: int, *size: int) -> Any:
        if option == socket.SO_PEERCRED:
            return struct.pack("3i", 1, os.getuid() + 4711, 1)
        return real(self, level, option, *size)

    monkeypatch.setattr(socket.socket, "getsockopt", stranger)
    with pytest.raises(ChannelError) as refused:
        Channel(path).call("add")
    assert refused.value.code == "no-runtime"
    monkeypatch.undo()
    assert Channel(path).call("add") == 1
    server.close()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_another_user_cannot_even_open_it(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    server = ChannelServer(path, {"add": lambda: 1})
    child = os.fork()
    if child == 0:  # the fork touches nothing but the socket
        try:
            os.setuid(65534)
            with socket.socket(socket.AF_UNIX) as sock:
                sock.connect(str(path))
        except OSError:
            os._exit(42)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 42
    server.close()
