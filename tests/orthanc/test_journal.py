"""What has arrived and is not recorded yet outlives the process."""

from __future__ import annotations

import time

import pytest

from greycloak_orthanc.arrival.arrivals import Arrivals
from greycloak_orthanc.arrival.journal import Journal
from greycloak_orthanc.work.items import Order
from greycloak_orthanc.work.queue import Queue


@pytest.fixture
def journal(tmp_path):
    made = Journal(tmp_path)
    yield made
    made.close()


def test_lines_come_in_order_and_the_file_begins_anew_once_all_are_recorded(journal, tmp_path):
    for number in range(5):
        assert journal.append(b"%d" % number)
    lines, reached = journal.unread(3)
    assert lines == [b"0", b"1", b"2"]
    assert journal.count() == 5
    journal.settle(reached)
    assert journal.count() == 2
    assert journal.append(b"5")
    lines, reached = journal.unread(100)
    assert lines == [b"3", b"4", b"5"]
    journal.settle(reached)
    assert journal.unread(100) == ([], 0)
    assert (tmp_path / "arrivals.0").stat().st_size == 0


def test_what_a_killed_process_left_is_taken_over_but_for_what_it_had_recorded(tmp_path):
    killed = Journal(tmp_path)
    for number in range(4):
        killed.append(b"%d" % number)
    _, reached = killed.unread(1)
    killed.settle(reached)
    killed.close()
    again = Journal(tmp_path)
    assert again.count() == 3
    assert [line for line in again.unread(100)[0] if line] == [b"1", b"2", b"3"]
    again.close()


def test_two_processes_have_a_file_each_and_neither_takes_what_is_the_others(journal, tmp_path):
    journal.append(b"mine")
    other = Journal(tmp_path)
    other.append(b"other")
    assert other.unread(100)[0] == [b"other"]
    other.close()
    third = Journal(tmp_path)  # takes the file of the other one, which has ended
    assert third.unread(100)[0] == [b"other"]
    third.close()
    assert journal.unread(100)[0] == [b"mine"]


def test_a_last_line_that_is_not_whole_waits(journal, tmp_path):
    journal.append(b"whole")
    with (tmp_path / "arrivals.0").open("ab") as stream:
        stream.write(b"half")
    assert journal.unread(100)[0] == [b"whole"]


def test_lines_that_nobody_understands_hold_nothing_up(tmp_path):
    (tmp_path / "arrivals.0").write_bytes(b'garbage\n{"a": 1}\n[]\n\xff\xfe\n{"instance": "x", "colour": "red"}\n')
    queue = Queue(f"sqlite:///{tmp_path / 'store.sqlite'}", "node")
    arrivals = Arrivals(queue, tmp_path)
    assert arrivals.waiting == 5
    arrivals.note("one", Order("basic", "default", keep_source=True))
    arrivals.start()
    deadline = time.monotonic() + 20
    while arrivals.waiting and time.monotonic() < deadline:
        time.sleep(0.05)
    arrivals.stop()
    assert arrivals.waiting == 0
    assert [item.instance for item in queue.claim(10)] == ["one"]


def test_what_is_noted_while_the_store_is_away_is_recorded_after_the_next_start(tmp_path):
    order = Order("basic", "default", keep_source=False, replaces=True)
    queue = Queue(f"sqlite:///{tmp_path / 'store.sqlite'}", "node")
    ended = Arrivals(queue, tmp_path)
    ended.note("one", order)  # and nobody records it: its thread was never started
    again = Arrivals(queue, tmp_path / "elsewhere")
    assert again.waiting == 0
    ended._journal.close()
    again = Arrivals(queue, tmp_path)
    assert again.waiting == 1
    again.start()
    again.stop()
    (item,) = queue.claim(10)
    assert (item.instance, item.keep_source, item.replaces) == ("one", False, True)
