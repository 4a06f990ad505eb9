"""The maintenance store on both databases: versions, conflicts, what is signed stays, what is in use is not deleted."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from programmes import standard_programme
from tagdb.history.database import connect, database_of, run
from tagdb.maintenance import (
    Answer,
    Conflict,
    Level,
    MaintenanceStore,
    OffsetRecord,
    PhotoRecord,
    Refused,
    StoreGone,
    UnknownRecord,
)

STANDARD = standard_programme()
DONE = Answer("done")
CRITICAL = ("to1.change_engine_oil", "to1.replace_oil_filter", "to1.check_oil_pressure")


def fill(store: MaintenanceStore, number: str = "s1", who: str = "Иванов") -> None:
    for task in CRITICAL:
        store.answer(number, task, DONE, 0, f"{number}{task}", who, 20.0)


def test_the_programme_that_ships_is_seeded_once(store: MaintenanceStore) -> None:
    assert list(store.programmes()) == ["standard"]
    assert store.programme("standard").programme == STANDARD
    store.assign("mkz.gpu1", None, 1)
    store.assign("mkz.gpu2", None, 1)
    store.delete_programme("standard")
    assert not store.seed([STANDARD], 2.0)
    assert store.programmes() == {}


def test_each_save_is_a_version_and_a_save_on_an_older_one_is_a_conflict(store: MaintenanceStore) -> None:
    longer = replace(STANDARD, title={"en": "Longer", "ru": "Длиннее"})
    second = store.save_programme(longer, 1, "Петров", 5.0, "по итогам года")
    assert (second.number, second.who, second.comment) == (2, "Петров", "по итогам года")
    with pytest.raises(Conflict, match="changed by Петров meanwhile: it is version 2, you edited 1") as caught:
        store.save_programme(STANDARD, 1, "Сидоров", 6.0)
    assert caught.value.current["revision"] == 2
    with pytest.raises(Conflict, match="there is a programme"):
        store.save_programme(STANDARD, None, "Сидоров", 6.0)
    assert store.save_programme(longer, 2, "Петров", 7.0).number == 2, "nothing changed, no version"
    assert [version.number for version in store.versions("standard")] == [2, 1]


def test_a_programme_in_use_is_not_deleted(store: MaintenanceStore) -> None:
    with pytest.raises(Refused, match=r"in use by mkz\.gpu1, mkz\.gpu2"):
        store.delete_programme("standard")
    store.start("s1", "mkz.gpu1", "to1", "Иванов", 10.0)
    store.assign("mkz.gpu1", None, 1)
    store.assign("mkz.gpu2", None, 1)
    with pytest.raises(Refused, match=r"open at mkz\.gpu1"):
        store.delete_programme("standard")
    store.cancel("s1", "по ошибке", "Иванов", 11.0)
    store.delete_programme("standard")
    assert store.text(store.service("s1").text_id or 0).programme == STANDARD, "the log keeps its text"
    again = store.save_programme(STANDARD, None, "Иванов", 12.0)
    assert again.number == 2, "numbers go on"


def test_a_device_is_given_a_programme_once_by_one(store: MaintenanceStore) -> None:
    assert store.assign("mkz.gpu1", None, 1).revision == 2
    with pytest.raises(Conflict):
        store.assign("mkz.gpu1", "standard", 1)
    with pytest.raises(UnknownRecord):
        store.assign("mkz.gpu1", "other", 2)
    with pytest.raises(UnknownRecord):
        store.assign("mkz.gpu9", "standard", 1)
    assert store.adopt(["mkz.gpu1", "yakz.gpu1"], "standard", 3.0) == ["yakz.gpu1"]
    assert store.devices()["mkz.gpu1"].programme is None, "what somebody took away does not come back"


def test_a_service_from_start_to_signature(store: MaintenanceStore) -> None:
    service = store.start("s1", "mkz.gpu1", "to1", "Иванов", 10.0)
    assert (service.state, service.kind) == ("open", "service")
    assert store.start("s1", "mkz.gpu1", "to1", "Иванов", 11.0).started_at == 10.0, "the same request again"
    with pytest.raises(Conflict, match="started") as caught:
        store.start("s2", "mkz.gpu1", "to1", "Петров", 12.0)
    assert caught.value.current["id"] == "s1"
    with pytest.raises(Refused, match=r"without an answer: to1\.change_engine_oil, to1\.replace_oil_filter"):
        store.sign("s1", 15.0, 1250.0, "Иванов", 16.0)
    with pytest.raises(Refused, match="needs a reason"):
        store.answer("s1", "to1.check_fasteners", Answer("not_done"), 0, "a", "Иванов", 13.0)
    with pytest.raises(UnknownRecord, match="no task"):
        store.answer("s1", "to2.replace_air_filter", DONE, 0, "a", "Иванов", 13.0)
    fill(store)
    oil = Answer("done", value="12.5", consumables=({"en": "Oil", "ru": "Масло", "quantity": 20, "unit": "l"},))
    store.answer("s1", "to1.check_fasteners", Answer("not_done", reason="нет ключа"), 0, "b", "Иванов", 13.0)
    store.answer("s1", "to1.change_engine_oil", oil, 1, "c", "Иванов", 14.0)
    store.answer("s1", "", Answer(note="замечаний нет"), 0, "d", "Иванов", 14.0)
    signed = store.sign("s1", 15.0, 1250.0, "Иванов", 16.0)
    assert (signed.state, signed.done_hours, signed.done_at, signed.note) == ("signed", 1250.0, 15.0, "замечаний нет")
    assert {item.task: item.answer for item in signed.items}["to1.change_engine_oil"] == oil
    assert store.sign("s1", 15.0, 1250.0, "Иванов", 17.0).signed_at == 16.0, "the same request again"
    store.start("s2", "mkz.gpu1", "to2", "Иванов", 18.0)
    store.answer("s2", "to1.check_fasteners", DONE, 0, "x", "Иванов", 18.0)
    assert store.answers() == store.answers("mkz.gpu1") == {"s1": list(signed.items)}, "of what is signed"
    assert store.answers("mkz.gpu2") == {}
    with pytest.raises(Refused, match="signed"):
        store.sign("s1", 15.0, 1250.0, "Петров", 17.0)
    with pytest.raises(Refused, match="signed"):
        store.answer("s1", "to1.check_fasteners", DONE, 1, "e", "Иванов", 18.0)
    plan = store.plans(20.0)["mkz.gpu1"]
    assert {level: done.hours for level, done in plan.done.items()} == {"to1": 1250.0}


def test_two_people_answer_one_task(store: MaintenanceStore) -> None:
    store.start("s1", "mkz.gpu1", "to1", "Иванов", 10.0)
    task = "to1.check_fasteners"
    assert store.answer("s1", task, DONE, 0, "phone-1", "Иванов", 11.0).revision == 1
    assert store.answer("s1", task, DONE, 0, "phone-1", "Иванов", 12.0).time == 11.0, "sent twice, done once"
    with pytest.raises(Conflict) as caught:
        store.answer("s1", task, Answer("na"), 0, "phone-2", "Петров", 12.0)
    assert (caught.value.current["answer"], caught.value.current["who"]) == ("done", "Иванов")
    assert store.answer("s1", task, DONE, 0, "phone-2", "Петров", 12.0).who == "Иванов", "they agree"
    assert store.answer("s1", task, Answer("na"), 1, "phone-2b", "Петров", 13.0).revision == 2


def test_answers_of_many_at_once_are_neither_lost_nor_doubled(store: MaintenanceStore) -> None:
    store.start("s1", "mkz.gpu1", "to1", "Иванов", 10.0)
    told: list[str] = []

    def work(name: str) -> None:
        try:
            store.answer("s1", "to1.clean_air_filter", Answer("na", note=name), 0, name, name, 11.0)
            told.append("done")
        except Conflict:
            told.append("conflict")

    threads = [threading.Thread(target=work, args=(f"n{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(told) == ["conflict", "conflict", "conflict", "done"]
    assert store.service("s1").items[0].revision == 1


def test_of_many_who_start_one_service_one_does(store: MaintenanceStore) -> None:
    told: list[str] = []

    def work(name: str) -> None:
        try:
            told.append(store.start(name, "mkz.gpu1", "to1", name, 10.0).id)
        except Conflict:
            told.append("conflict")

    threads = [threading.Thread(target=work, args=(f"n{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert told.count("conflict") == 3
    assert [one.id for one in store.open_services()] == [name for name in told if name != "conflict"]


def test_of_two_who_set_the_hours_one_is_told(store: MaintenanceStore) -> None:
    row = OffsetRecord("mkz.gpu1", 17.0, "Иванов", "замена контроллера", 100.0, 1250.0)
    store.add_offset(row, 0)
    with pytest.raises(Conflict, match=r"Иванов has set the hours of 'mkz\.gpu1' meanwhile") as caught:
        store.add_offset(replace(row, who="Петров"), 0)
    assert (caught.value.current["hours"], caught.value.current["revision"]) == (100.0, 1)
    store.add_offset(replace(row, who="Петров"), 1)
    assert store.plans(20.0)["mkz.gpu1"].offset_h == 200.0


def test_work_that_counts_by_hours_is_not_signed_without_them(store: MaintenanceStore) -> None:
    """A yearly service by the calendar does TO-1, too: without its hours nobody would know when TO-1 is due."""
    year = Level("year", {"en": "Year", "ru": "Год"}, None, 365.0, ("to1",))
    alone = Level("look", {"en": "Look", "ru": "Осмотр"}, None, 7.0)
    programme = replace(STANDARD, levels=(*STANDARD.levels, year, alone))
    store.save_programme(programme, 1, "Петров", 5.0)
    store.start("s1", "mkz.gpu1", "year", "Иванов", 10.0)
    fill(store)
    with pytest.raises(Refused, match="counts by engine hours"):
        store.sign("s1", 15.0, None, "Иванов", 16.0)
    with pytest.raises(Refused, match="counts by engine hours"):
        store.enter("i1", "mkz.gpu2", "year", 1.0, None, "Иванов", 20.0)
    store.sign("s1", 15.0, 1250.0, "Иванов", 16.0)
    assert store.plans(20.0)["mkz.gpu1"].done["to1"].hours == 1250.0
    store.enter("i2", "mkz.gpu2", "look", 1.0, None, "Иванов", 20.0)


def test_last_services_are_entered_all_or_none(store: MaintenanceStore) -> None:
    with pytest.raises(UnknownRecord, match="no level 'to9'"):
        store.enter_all("mkz.gpu2", [("i1", "to4", 1.0, 1000.0), ("i2", "to9", 1.0, 1000.0)], "Иванов", 20.0)
    assert store.log("mkz.gpu2") == []


FORBIDDEN = (
    "UPDATE maintenance_service SET done_hours = 1 WHERE id = 's1'",
    "DELETE FROM maintenance_service WHERE id = 's1'",
    "UPDATE maintenance_item SET answer = 'na' WHERE service = 's1'",
    "DELETE FROM maintenance_item WHERE service = 's1'",
    "INSERT INTO maintenance_photo VALUES ('p', 's1', '', 'a', 'image/png', 1, 'x', 1)",
    "UPDATE maintenance_text SET body = '{}'",
    "DELETE FROM maintenance_text",
    "UPDATE maintenance_offset SET hours = 0",
)


def test_what_is_signed_no_program_changes(store: MaintenanceStore, url: str) -> None:
    store.start("s1", "mkz.gpu1", "to1", "Иванов", 10.0)
    fill(store)
    before = store.sign("s1", 15.0, 1250.0, "Иванов", 16.0)
    store.add_offset(OffsetRecord("mkz.gpu1", 17.0, "Иванов", "замена контроллера", 100.0, 1250.0))
    database = database_of(url)
    connect(database)
    for sql in FORBIDDEN:
        with pytest.raises(Exception, match=r"signed service cannot be changed|append-only"), database.atomic():
            run(database, sql)
    database.close()
    assert store.service("s1") == before


def test_corrections_are_lines_of_their_own(store: MaintenanceStore) -> None:
    store.start("s1", "mkz.gpu1", "to1", "Иванов", 10.0)
    with pytest.raises(Refused, match="only what was signed"):
        store.correct("c0", "s1", "опечатка", "Иванов", 11.0, done_hours=5.0)
    fill(store)
    store.sign("s1", 15.0, 12500.0, "Иванов", 16.0)
    line = store.correct("c1", "s1", "лишний ноль", "Иванов", 17.0, done_hours=1250.0)
    assert (line.kind, line.corrects, line.done_at, line.note) == ("correction", "s1", 15.0, "лишний ноль")
    assert store.correct("c1", "s1", "лишний ноль", "Иванов", 17.0, done_hours=1250.0) == line
    assert store.plans(20.0)["mkz.gpu1"].done["to1"].hours == 1250.0
    with pytest.raises(Conflict, match="corrected by Иванов already"):
        store.correct("c2", "s1", "нет", "Петров", 18.0, void=True)
    store.correct("c2", "c1", "работа не выполнялась", "Петров", 18.0, void=True)
    assert store.plans(20.0)["mkz.gpu1"].done == {}
    assert [one.id for one in store.log("mkz.gpu1")] == ["s1", "c1", "c2"]


def test_what_was_known_at_first_and_the_offset_of_a_meter(store: MaintenanceStore) -> None:
    store.enter("i1", "mkz.gpu2", "to4", 1.0, 1000.0, "Иванов", 20.0, "по журналу")
    store.enter("i1", "mkz.gpu2", "to4", 1.0, 1000.0, "Иванов", 20.0, "по журналу")
    assert len(store.log("mkz.gpu2")) == 1
    assert set(store.plans(20.0)["mkz.gpu2"].done) == {"to1", "to2", "to3", "to4"}
    store.add_offset(OffsetRecord("mkz.gpu2", 17.0, "Иванов", "замена контроллера", 100.0, 1250.0))
    store.add_offset(OffsetRecord("mkz.gpu2", 18.0, "Иванов", "ошибка", -20.0, 1350.0))
    assert store.plans(20.0)["mkz.gpu2"].offset_h == 80.0
    with pytest.raises(UnknownRecord):
        store.enter("i2", "mkz.gpu2", "to9", 1.0, 1.0, "Иванов", 20.0)


def test_what_another_process_writes_is_seen_at_once(store: MaintenanceStore, url: str) -> None:
    other = MaintenanceStore(url, demo=False)
    assert store.plans(20.0)["mkz.gpu1"].done == {}
    other.enter("i1", "mkz.gpu1", "to1", 1.0, 1000.0, "Иванов", 20.0)
    assert store.plans(20.0)["mkz.gpu1"].done["to1"].hours == 1000.0
    other.correct("c1", "i1", "опечатка", "Иванов", 21.0, done_hours=900.0)
    other.add_offset(OffsetRecord("mkz.gpu1", 21.0, "Иванов", "замена", 5.0, 1250.0))
    other.note_points({"mkz.gpu1": 7.0}, 30.0)
    plan = store.plans(40.0)["mkz.gpu1"]
    assert (plan.done["to1"].hours, plan.offset_h, plan.points) == (900.0, 5.0, [(30.0, 7.0)])
    other.assign("mkz.gpu1", None, 1)
    assert store.plans(40.0)["mkz.gpu1"].programme is None


def test_points_of_the_meter_one_a_day(store: MaintenanceStore) -> None:
    day = 86400.0
    before = store.revision()
    for at, hours in ((0.1, 1.0), (0.9, 9.0), (1.5, 15.0), (40.0, 400.0)):
        store.note_points({"mkz.gpu1": hours}, at * day)
    assert store.plans(2 * day)["mkz.gpu1"].points == [(0.9 * day, 9.0), (1.5 * day, 15.0), (40 * day, 400.0)]
    assert store.plans(40 * day)["mkz.gpu1"].points == [(40 * day, 400.0)]
    assert store.plans(400 * day)["mkz.gpu1"].points == [(40 * day, 400.0)], "the last known value, however old"
    assert store.revision() == before
    store.assign("mkz.gpu1", None, 1)
    assert store.revision() == before + 1


def test_photos(store: MaintenanceStore) -> None:
    store.start("s1", "mkz.gpu1", "to1", "Иванов", 10.0)
    photo = PhotoRecord("p1", "s1", "to1.visual_leak_inspection", "leak.jpg", "image/jpeg", 5, "Иванов", 11.0)
    assert store.add_photo(photo, 1) == photo
    assert store.add_photo(photo, 1) == photo
    assert store.service("s1").photos == (photo,)
    assert store.photo("p1") == photo
    with pytest.raises(Refused, match="at most 1"):
        store.add_photo(replace(photo, id="p2"), 1)
    with pytest.raises(UnknownRecord):
        store.add_photo(replace(photo, id="p2", task="to3.x"), 9)


def test_a_demo_and_a_real_plant_never_share_a_log(store: MaintenanceStore, url: str) -> None:
    with pytest.raises(Refused, match="holds the maintenance of a real plant, not of a demo plant"):
        MaintenanceStore(url, demo=True).devices()


def test_a_database_that_is_away_says_so() -> None:
    with pytest.raises(StoreGone):
        MaintenanceStore("sqlite:////proc/none/history.sqlite3", demo=False).devices()
