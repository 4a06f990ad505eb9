"""The bus and its devices on a virtual clock: turns, retries, offline and demotion, gates, commands, adaptation.

Faults simulated: units that never answer, one block that is never answered, refused connections, a connection that
goes during a read, reads that are too large, a connection that looks alive and is not.
"""

from __future__ import annotations

import asyncio

import pytest

from runtime.field import CommState
from runtime.wire import BadFrame, LinkLost, NoResponse, Request
from runtime.wire.errors import IllegalAddress, Place
from tagdb import Quality, Refresh
from tests.support.bench import LINK_HEALTH, POINTS, Bench, device_spec, point


def test_each_class_is_read_at_its_period() -> None:
    spec = device_spec("mkz.a", 1)
    bench = Bench([spec])
    bench.link.registers[1] = {10: 160, 500: 7}

    async def work() -> None:
        await bench.wait(30.0)
        assert 29 <= bench.asked(1, 0) <= 31
        assert 3 <= bench.asked(1, 500) <= 4
        assert bench.value(spec, "power") == 160
        assert bench.quality(spec, "setting") is Quality.GOOD
        assert bench.health(spec, "comm_state") == CommState.ONLINE

    bench.run(work)


def test_alarm_words_are_read_once_at_first_then_only_while_the_gate_is_set_and_once_after() -> None:
    spec = device_spec("mkz.a", 1)
    bench = Bench([spec])

    async def work() -> None:
        await bench.wait(5.5)
        assert bench.asked(1, 900) == 1, "the base line after connecting"
        assert bench.quality(spec, "alarm_word") is Quality.GOOD
        bench.link.registers[1] = {0: 1, 900: 4}
        await bench.wait(5.0)
        while_set = bench.asked(1, 900)
        assert 5 <= while_set <= 7
        assert bench.value(spec, "alarm_word") == 4
        bench.link.registers[1] = {0: 0, 900: 0}
        await bench.wait(5.0)
        assert bench.asked(1, 900) <= while_set + 2
        assert bench.value(spec, "alarm_word") == 0, "read once more, or the clearing would be missed"
        after = bench.asked(1, 900)
        await bench.wait(20.0)
        assert bench.asked(1, 900) == after

    bench.run(work)


def test_the_read_after_the_gate_closed_is_repeated_until_it_is_answered() -> None:
    spec = device_spec("mkz.a", 1, retries=0)
    bench = Bench([spec])
    bench.link.registers[1] = {0: 1, 900: 4}

    async def work() -> None:
        await bench.wait(5.0)
        lost = NoResponse(Place("line", 1, 3, 900, 1))
        bench.link.failing(lost, lambda request: request.address == 900)
        bench.link.registers[1] = {0: 0, 900: 0}
        await bench.wait(3.0)
        assert bench.value(spec, "alarm_word") == 4
        bench.link.trouble = lambda request: None
        await bench.wait(3.0)
        assert bench.value(spec, "alarm_word") == 0

    bench.run(work)


def test_a_gated_value_stays_fresh_while_its_gate_says_that_nothing_is_set() -> None:
    spec = device_spec("mkz.a", 1)
    bench = Bench([spec])

    async def work() -> None:
        await bench.wait(3.0)
        bench.inbox.drain()
        await asyncio.sleep(2.0)
        refreshed = [item for item in bench.inbox.drain() if isinstance(item, Refresh)]
        assert refreshed
        assert all(list(item.slots) == [spec.slots["alarm_word"]] for item in refreshed)

    bench.run(work)


def test_one_lost_answer_is_repeated_at_once_and_nobody_notices() -> None:
    spec = device_spec("mkz.a", 1)
    bench = Bench([spec])
    missed = []

    def once(request: Request) -> None:
        if request.address == 0 and not missed and len(bench.link.asked) > 10:
            missed.append(request)
            raise NoResponse(request.place("line"))

    bench.link.trouble = once

    async def work() -> None:
        await bench.wait(20.0)
        assert missed
        assert bench.quality(spec, "power") is Quality.GOOD
        assert bench.health(spec, "comm_state") == CommState.ONLINE

    bench.run(work)


def test_a_missed_read_leaves_the_last_known_value() -> None:
    spec = device_spec("mkz.a", 1, retries=0, offline_after=5)
    bench = Bench([spec])
    bench.link.registers[1] = {10: 160}

    async def work() -> None:
        await bench.wait(3.5)
        bench.link.silent(1)
        await bench.wait(2.0)
        assert bench.quality(spec, "power") is Quality.LAST_KNOWN
        assert bench.value(spec, "power") == 160
        assert bench.health(spec, "comm_state") == CommState.DISTURBED
        bench.link.silent()
        await bench.wait(2.0)
        assert bench.quality(spec, "power") is Quality.GOOD

    bench.run(work)


def test_offline_after_three_failed_cycles_then_demoted_and_back_at_once() -> None:
    spec = device_spec("mkz.a", 1)
    bench = Bench([spec])

    async def work() -> None:
        await bench.wait(3.5)
        bench.link.silent(1)
        await bench.wait(2.2)
        assert bench.health(spec, "comm_state") != CommState.OFFLINE, "not on the first miss"
        await bench.wait(8.0)
        assert bench.health(spec, "comm_state") == CommState.OFFLINE
        assert {bench.quality(spec, p.name) for p in POINTS} == {Quality.NOT_CONNECTED}
        before = len(bench.link.asked)
        await bench.wait(120.0)
        assert len(bench.link.asked) - before <= 9, "asked more and more rarely"
        assert bench.health(spec, "comm_period_s") == 30.0
        bench.link.silent()
        await bench.wait(32.0)
        assert bench.health(spec, "comm_state") == CommState.ONLINE
        assert {bench.quality(spec, p.name) for p in POINTS} == {Quality.GOOD}

    bench.run(work)


def test_a_dead_device_does_not_slow_its_neighbour() -> None:
    dead, alive = device_spec("mkz.dead", 1), device_spec("mkz.alive", 2, base=40)
    bench = Bench([dead, alive])
    bench.link.delay_s = 0.02
    bench.link.silent(1)

    async def work() -> None:
        await bench.wait(20.0)
        before = bench.asked(2, 0)
        await bench.wait(60.0)
        assert bench.asked(2, 0) - before >= 58

    bench.run(work)


def test_devices_on_one_link_are_staggered() -> None:
    specs = [device_spec(f"mkz.d{unit}", unit, base=40 * (unit - 1)) for unit in (1, 2, 3, 4)]
    bench = Bench(specs)
    times: dict[int, float] = {}

    def note(request: Request) -> None:
        if request.address == 0:
            times[request.unit] = asyncio.get_running_loop().time() % 1.0

    bench.link.trouble = note

    async def work() -> None:
        await bench.wait(5.0)
        moments = sorted(times.values())
        gaps = [b - a for a, b in zip(moments, [*moments[1:], moments[0] + 1.0], strict=True)]
        assert max(gaps) < 0.6, "spread over the period, not bunched"
        assert min(gaps) > 0.0

    bench.run(work)


def test_a_command_goes_between_two_reads() -> None:
    points = tuple(point(f"p{n}", n * 200) for n in range(8))
    spec = device_spec("mkz.a", 1, points=points)
    bench = Bench([spec])
    bench.link.delay_s = 0.1  # a cycle of 0.8 s

    async def work() -> None:
        await bench.wait(5.05)
        loop = asyncio.get_running_loop()
        given = loop.time()
        await bench.bus.submit(Request.write_coil(1, 3, True), timeout_s=1.0, live_s=1.0)
        assert loop.time() - given <= 0.2 + 1e-6, "one frame in progress, and its own"

    bench.run(work)


def test_a_command_that_cannot_be_sent_in_time_is_never_sent() -> None:
    bench = Bench([device_spec("mkz.a", 1)])
    bench.link.refuse_connection = True

    async def work() -> None:
        await asyncio.sleep(2.0)
        with pytest.raises(TimeoutError, match="could not be sent in time"):
            await bench.bus.submit(Request.write_coil(1, 3, True), timeout_s=1.0, live_s=1.0)
        bench.link.refuse_connection = False
        await asyncio.sleep(20.0)
        assert not [request for request in bench.link.asked if request.function == 5]

    bench.run(work)


def test_reconnects_back_off_with_jitter_and_devices_go_offline_meanwhile() -> None:
    spec = device_spec("mkz.a", 1)
    bench = Bench([spec])
    bench.link.refuse_connection = True

    async def work() -> None:
        await bench.wait(60.0)
        assert 6 <= bench.link.connects <= 20
        assert bench.health(spec, "comm_state") == CommState.OFFLINE
        assert bench.quality(spec, "power") is Quality.NOT_CONNECTED
        bench.link.refuse_connection = False
        await bench.wait(9.0)
        assert bench.health(spec, "comm_state") == CommState.ONLINE
        assert bench.quality(spec, "power") is Quality.GOOD

    bench.run(work)


def test_a_connection_that_goes_during_a_read_is_opened_anew() -> None:
    spec = device_spec("mkz.a", 1)
    bench = Bench([spec])
    lost: list[Request] = []

    def once(request: Request) -> None:
        if len(bench.link.asked) == 12:
            lost.append(request)
            raise LinkLost(Place("line"), "closed by the other end")

    bench.link.trouble = once

    async def work() -> None:
        await bench.wait(30.0)
        assert lost
        assert bench.link.connects == 2
        assert bench.quality(spec, "power") is Quality.GOOD

    bench.run(work)


def test_a_block_that_is_never_answered_is_left_alone_and_told() -> None:
    spec = device_spec("mkz.a", 1, retries=0)
    bench = Bench([spec])
    lost = NoResponse(Place("line", 1, 3, 500, 1))
    bench.link.failing(lost, lambda request: request.address == 500)

    async def work() -> None:
        await bench.wait(100.0)
        asked = bench.asked(1, 500)
        assert bench.health(spec, "comm_silent_blocks") == 1
        assert bench.quality(spec, "setting") is Quality.COMM_FAILURE
        assert bench.quality(spec, "power") is Quality.GOOD
        await bench.wait(50.0)
        assert bench.asked(1, 500) - asked <= 1

    bench.run(work)


def test_a_refused_read_does_not_count_as_silence_of_the_device() -> None:
    spec = device_spec("mkz.a", 1)
    bench = Bench([spec])
    refusal = IllegalAddress(Place("line", 1, 3, 500, 1))
    bench.link.failing(refusal, lambda request: request.address == 500)

    async def work() -> None:
        await bench.wait(60.0)
        assert bench.health(spec, "comm_state") in (CommState.ONLINE, CommState.DISTURBED)
        assert bench.quality(spec, "setting") is Quality.COMM_FAILURE
        assert bench.link.connects == 1

    bench.run(work)


def test_large_reads_that_keep_failing_are_halved_until_they_work() -> None:
    points = tuple(point(f"p{n}", n) for n in range(80))
    spec = device_spec("mkz.a", 1, points=(*points, point("far", 5000)), retries=0)
    bench = Bench([spec])
    too_large = NoResponse(Place("line", 1, 3, 0, 80))
    bench.link.failing(too_large, lambda request: request.count > 25)

    async def work() -> None:
        await bench.wait(60.0)
        assert bench.bus.max_registers == 20
        assert float(bench.store.cell[200 + LINK_HEALTH.index("max_registers")]) == 20
        assert bench.quality(spec, "p0") is bench.quality(spec, "p79") is Quality.GOOD

    bench.run(work)


def test_larger_reads_are_tried_again_after_a_while() -> None:
    points = tuple(point(f"p{n}", n) for n in range(80))
    spec = device_spec("mkz.a", 1, points=(*points, point("far", 5000)), retries=0)
    bench = Bench([spec])
    too_large = NoResponse(Place("line", 1, 3, 0, 80))
    bench.link.failing(too_large, lambda request: request.count > 25)

    async def work() -> None:
        await bench.wait(60.0)
        assert bench.bus.max_registers == 20
        bench.link.silent()
        await bench.wait(4000.0)
        assert bench.bus.max_registers == 100
        assert bench.asked(1, 0) > 3000, "and polled all the while"
        assert max(request.count for request in bench.link.asked[-10:]) == 80

    bench.run(work)


def test_garbled_answers_do_not_break_the_connection() -> None:
    spec = device_spec("mkz.a", 1, offline_after=50)
    bench = Bench([spec])

    async def work() -> None:
        await bench.wait(3.0)
        garbled = BadFrame(Place("line", 1, 3, 0, 1))
        bench.link.failing(garbled, lambda request: True)
        await bench.wait(30.0)
        assert bench.link.connects == 1
        bench.link.silent(1)
        await bench.wait(30.0)
        assert bench.link.connects > 1, "silence does"

    bench.run(work)


def test_a_connection_that_looks_alive_and_is_not_is_opened_anew() -> None:
    bench = Bench([device_spec("mkz.a", 1), device_spec("mkz.b", 2, base=40)])

    async def work() -> None:
        await bench.wait(5.0)
        bench.link.silent(1, 2)
        await bench.wait(30.0)
        assert bench.link.connects > 1

    bench.run(work)


def test_a_changed_device_is_replaced_while_its_neighbour_goes_on() -> None:
    one, two = device_spec("mkz.a", 1), device_spec("mkz.b", 2, base=40)
    bench = Bench([one, two])

    async def work() -> None:
        await bench.wait(5.0)
        before = bench.bus.devices["mkz.b"]
        changed = device_spec("mkz.a", 3)
        bench.bus.set_devices([changed, two], asyncio.get_running_loop().time())
        await bench.wait(5.0)
        assert bench.bus.devices["mkz.b"] is before
        assert bench.asked(3, 0) >= 4
        assert bench.link.connects == 1

    bench.run(work)


def test_a_converter_that_accepts_only_to_close_is_not_hammered() -> None:
    bench = Bench([device_spec("mkz.a", 1)])
    bench.link.failing(LinkLost(Place("line"), "closed by the other end"), lambda request: True)

    async def work() -> None:
        await bench.wait(60.0)
        assert bench.link.connects <= 20

    bench.run(work)
