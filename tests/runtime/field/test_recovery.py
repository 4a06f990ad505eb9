"""What a device must come back from: silent probes, stale gates, refused blocks, lost commands; on a virtual clock."""

from __future__ import annotations

import asyncio

import pytest

from registermaps import Label, Point, PointType, PollClass
from runtime.field import CommState
from runtime.wire import LinkLost, NoResponse, Request, WireError
from runtime.wire.errors import IllegalAddress, Place
from tagdb import Quality
from tests.support.bench import POINTS, POLLS, Bench, device_spec, point

ODD = (*[point(f"p{n}", n) for n in range(10)], point("odd", 2000))
PLACE = Place("line", 1, 3, 2000, 1)


async def scan(bench: Bench, seconds: float) -> None:
    """Latch and expire ten times a second."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        await asyncio.sleep(0.1)
        bench.latch()
        bench.store.expire(loop.time(), 1.0)


@pytest.mark.parametrize("error", [NoResponse(PLACE), IllegalAddress(PLACE)])
def test_a_device_whose_smallest_block_is_never_answered_comes_back(error: WireError) -> None:
    spec = device_spec("mkz.a", 1, points=ODD, retries=0)
    bench = Bench([spec])
    dead = False

    def trouble(request: Request) -> None:
        if dead:
            raise NoResponse(request.place("line"))
        if request.address == 2000:
            raise error

    bench.link.trouble = trouble

    async def work() -> None:
        nonlocal dead
        await bench.wait(60)
        dead = True
        await bench.wait(60)
        assert bench.health(spec, "comm_state") == CommState.OFFLINE
        dead = False
        await bench.wait(130)
        assert bench.health(spec, "comm_state") in (CommState.ONLINE, CommState.DISTURBED)
        assert bench.quality(spec, "p0") is Quality.GOOD

    bench.run(work)


def test_alarm_tags_that_went_stale_during_a_short_silence_are_read_again() -> None:
    spec = device_spec("mkz.a", 1, timeout_s=1.0)
    bench = Bench([spec])
    bench.stale(spec)

    async def work() -> None:
        await scan(bench, 5)
        bench.link.silent(1)
        await scan(bench, 7.0)
        bench.link.silent()
        await scan(bench, 60)
        assert {bench.quality(spec, p.name) for p in POINTS} == {Quality.GOOD}

    bench.run(work)


def test_alarm_tags_that_went_stale_while_a_neighbour_kept_the_line_are_read_again() -> None:
    spec, slow = device_spec("mkz.a", 1), device_spec("mkz.b", 2, base=40)
    bench = Bench([spec, slow])
    bench.stale(spec)
    held = []

    async def work() -> None:
        await scan(bench, 5)
        # One long hold of the link, which fails nobody: the gate is simply not read for ten seconds.
        bench.link.delay_s = 10.0
        held.append(bench.link.asked[-1])
        await scan(bench, 11.0)
        bench.link.delay_s = 0.0
        await scan(bench, 60)
        assert {bench.quality(spec, p.name) for p in POINTS} == {Quality.GOOD}

    bench.run(work)


def test_the_gate_closes_on_a_line_whose_cycle_is_longer_than_the_period() -> None:
    spec = device_spec("mkz.a", 1)
    bench = Bench([spec])
    bench.link.delay_s = 0.7  # two reads a cycle: 1.4 s for a period of 1 s

    async def work() -> None:
        await bench.wait(60)
        assert bench.asked(1, 900) <= 2
        assert bench.asked(1, 0) > 30

    bench.run(work)


def test_a_block_that_one_unit_never_answers_is_split_and_the_link_keeps_its_size() -> None:
    far = tuple(point(f"x{n}", 2000 + n) for n in range(30))
    one = device_spec("mkz.a", 1, points=(*[point(f"p{n}", n) for n in range(60)], *far), retries=0)
    two = device_spec("mkz.b", 2, base=100, points=tuple(point(f"p{n}", n) for n in range(60)), retries=0)
    bench = Bench([one, two])

    def trouble(request: Request) -> None:
        if request.unit == 1 and request.address <= 2007 < request.address + request.count:
            raise NoResponse(request.place("line"))

    bench.link.trouble = trouble

    async def work() -> None:
        await bench.wait(600)
        assert bench.bus.max_registers == 100
        bad = [n for n in range(30) if bench.quality(one, f"x{n}") is not Quality.GOOD]
        assert bad == [7], "every register but the one that is never answered"
        assert bench.quality(one, "x7") is Quality.COMM_FAILURE
        assert bench.health(one, "comm_silent_blocks") == 1

    bench.run(work)


def test_lost_connections_do_not_make_reads_smaller() -> None:
    spec = device_spec("mkz.a", 1, points=tuple(point(f"p{n}", n) for n in range(60)), retries=0)
    bench = Bench([spec])

    def trouble(request: Request) -> None:
        if len(bench.link.asked) % 2:
            raise LinkLost(Place("line"), "closed by the other end")

    bench.link.trouble = trouble

    async def work() -> None:
        await bench.wait(300)
        assert bench.bus.max_registers == 100

    bench.run(work)


def test_reads_never_become_smaller_than_the_largest_point() -> None:
    name = Point("name", PointType.ASCII, 3, 3000, 20, Label("n", "n"), "g", "fast")
    spec = device_spec("mkz.a", 1, points=(*[point(f"p{n}", n) for n in range(60)], name), retries=0)
    bench = Bench([spec])

    def trouble(request: Request) -> None:
        if request.count > 10 and request.address < 3000:
            raise NoResponse(request.place("line"))

    bench.link.trouble = trouble

    async def work() -> None:
        await bench.wait(300)
        assert bench.quality(spec, "name") is Quality.GOOD
        assert bench.quality(spec, "p0") is bench.quality(spec, "p59") is Quality.GOOD

    bench.run(work)


def test_a_command_under_way_when_its_bus_ends_is_cancelled() -> None:
    bench = Bench([device_spec("mkz.a", 1)])
    futures = []

    async def work() -> None:
        await bench.wait(3)
        bench.link.delay_s = 5.0
        futures.append(bench.bus.submit(Request.write_coil(1, 3, True), timeout_s=10.0, live_s=30.0))
        await asyncio.sleep(2.0)

    bench.run(work)
    assert futures[0].cancelled()


def test_a_command_waits_for_the_link_as_long_as_it_lives() -> None:
    bench = Bench([device_spec("mkz.a", 1)])
    bench.link.refuse_connection = True

    async def work() -> None:
        await asyncio.sleep(1.0)
        future = bench.bus.submit(Request.write_coil(1, 3, True), timeout_s=1.0, live_s=20.0)
        bench.link.refuse_connection = False
        await future

    bench.run(work)
    assert [request for request in bench.link.asked if request.function == 5]


def test_a_removed_device_posts_nothing_more() -> None:
    spec = device_spec("mkz.a", 1, retries=0)
    bench = Bench([spec])

    async def work() -> None:
        await bench.wait(3)
        bench.link.silent(1)
        await asyncio.sleep(0.8)  # a read is waiting for its answer
        bench.bus.set_devices([], asyncio.get_running_loop().time())
        bench.inbox.drain()
        await asyncio.sleep(2.0)
        slots = {int(slot) for item in bench.inbox.drain() for slot in item.slots}
        assert not slots & ({*spec.slots.values()} | {*spec.health.values()})

    bench.run(work)


def test_health_is_sent_again_now_and_then_for_an_inbox_that_lost_it() -> None:
    spec = device_spec("mkz.a", 1, polls=POLLS | {"slow": PollClass("slow", 10.0)})
    bench = Bench([spec])

    async def work() -> None:
        await asyncio.sleep(5.0)
        bench.inbox.drain()  # lost
        await bench.wait(40.0)
        assert bench.health(spec, "comm_state") == CommState.ONLINE
        assert bench.store.cell[200] == 1.0

    bench.run(work)


def test_a_device_that_is_offline_stays_so_over_a_change_of_its_map() -> None:
    spec = device_spec("mkz.a", 1)
    bench = Bench([spec])

    async def work() -> None:
        await bench.wait(3)
        bench.link.silent(1)
        await bench.wait(30)
        assert bench.health(spec, "comm_state") == CommState.OFFLINE
        changed = device_spec("mkz.a", 1, points=(*POINTS, point("more", 20)))
        bench.bus.set_devices([changed], asyncio.get_running_loop().time())
        assert bench.bus.devices["mkz.a"].state is CommState.OFFLINE
        bench.latch()
        assert bench.quality(changed, "more") is Quality.NOT_CONNECTED
        bench.link.silent()
        await bench.wait(61)
        assert bench.quality(changed, "more") is Quality.GOOD

    bench.run(work)
