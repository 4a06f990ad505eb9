"""The clerk of the reports follows the configuration, as the scan does."""

from pathlib import Path

from runtime.assembly import load
from runtime.reporting import Reporting
from tests.runtime.conftest import edit


def test_a_site_that_is_added_live_has_its_reports(site: Path) -> None:
    clerk = Reporting(load(site))
    assert not clerk.look()
    edit(site, "[site yakz]", "[site third]\ntitle_ru = Третья\n\n[site yakz]")
    assert not clerk.look(), "it may be half written"
    assert clerk.look()
    assert clerk.sites == ["mkz", "third", "yakz"]
    edit(site, "[site third]", "[sight third]")
    assert [clerk.look(), clerk.look(), clerk.look()] == [False, False, False], "faulty: as it was"
    assert clerk.sites == ["mkz", "third", "yakz"]
    edit(site, "[sight third]\ntitle_ru = Третья\n", "")
    assert [clerk.look(), clerk.look()] == [False, True]
    assert clerk.sites == ["mkz", "yakz"]
