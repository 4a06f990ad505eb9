"""The inbox: order, and what happens when nobody drains it."""

import numpy as np

from tagdb import Inbox, Mark, Quality


def mark(number: int) -> Mark:
    return Mark(np.array([number]), Quality.STALE)


def test_items_come_out_in_order_and_once() -> None:
    inbox = Inbox()
    for number in range(5):
        inbox.post(mark(number))
    assert [int(item.slots[0]) for item in inbox.drain()] == [0, 1, 2, 3, 4]
    assert inbox.drain() == []


def test_a_full_inbox_drops_the_oldest_and_counts() -> None:
    inbox = Inbox(limit=3)
    for number in range(5):
        inbox.post(mark(number))
    assert inbox.dropped == 2
    assert [int(item.slots[0]) for item in inbox.drain()] == [2, 3, 4]
