"""Schemathesis over the OpenAPI document: whatever it asks, by whoever, nothing is an error of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from tagdb.accounts import Role
from tests.support.accounts import token_of
from tests.ui.conftest import accounts_of, make_app
from tests.ui.fake_plant import FakePlant

#: requests for each operation: a few suffice to find what no field was expected to be
EXAMPLES = 2


def test_nothing_that_is_asked_is_an_error_of_ours(tmp_path: Path) -> None:
    import schemathesis  # a second, which every process that collects the tests would spend

    plant = FakePlant(tmp_path / "run")
    app = make_app(plant.folder.folder)
    accounts = accounts_of(app)
    headers = token_of(accounts, Role.ADMINISTRATOR)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app, headers=headers)
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck), derandomize=True,
        )  # fmt: skip
        def ask(case: Any) -> None:
            nonlocal asked
            answer = case.call(headers=headers)
            asked += 1
            assert answer.status_code < 500 or answer.status_code in (503, 504), (case, answer.text)

        ask()
    assert asked > 80
    accounts.close()
    plant.close()
