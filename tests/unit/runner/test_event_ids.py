"""The EventIdStore: no id is given twice, whoever asks and however the process ends."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsloom import Break, SpliceInserter
from tsloom.errors import InputError, OpenError, SystemRefusedError, UsageError
from tsloom.runner import EventIdStore

MODULUS = 1 << 32
# Takes ids until the file may not grow any more (EFBIG, as a full disk is ENOSPC).
FULL = """
import resource, sys
from tsloom.errors import SystemRefusedError
from tsloom.runner import EventIdStore
store = EventIdStore(sys.argv[1])
print(store.take())
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
try:
    print("given", store.take())
except SystemRefusedError as error:
    print("refused", error.path)
"""


class Model:
    """What a supply of ids is: a set and the next one."""

    def __init__(self, first: int) -> None:
        self.next = first
        self.given: set[int] = set()

    def take(self) -> int:
        while self.next in self.given:
            self.next = (self.next + 1) % MODULUS
        event_id = self.next
        self.claim(event_id)
        return event_id

    def claim(self, event_id: int) -> bool:
        if event_id in self.given:
            return False
        self.given.add(event_id)
        if (event_id - self.next) % MODULUS < MODULUS // 2:
            self.next = (event_id + 1) % MODULUS
        return True


def claimed(store: EventIdStore, event_id: int) -> bool:
    try:
        store.claim(event_id)
    except UsageError:
        return False
    return True


near_the_wrap = st.one_of(
    st.integers(0, 12),
    st.integers(MODULUS - 12, MODULUS - 1),
    st.integers(0, MODULUS - 1),
)


@settings(max_examples=25)
@given(
    first=near_the_wrap,
    steps=st.lists(
        st.sampled_from(["take", "take", "reopen", "other"]) | near_the_wrap, max_size=14
    ),
)
def test_a_store_gives_what_a_set_of_ids_would(first: int, steps: list[str | int]) -> None:
    """Reopened with another first, and with a second sequence in the file, it goes on as before."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ids"
        store, model = EventIdStore(path, first=first), Model(first)
        other, other_model = EventIdStore(path, first=5, name="other"), Model(5)
        for step in steps:
            if step == "take":
                assert store.take() == model.take()
            elif step == "other":
                assert other.take() == other_model.take()
            elif step == "reopen":
                store = EventIdStore(path, first=77)
            else:
                assert claimed(store, int(step)) == model.claim(int(step))
        assert store.take() == model.take()


def test_behind_the_last_id_comes_0(tmp_path: Path) -> None:
    store = EventIdStore(tmp_path / "ids", first=MODULUS - 1)
    assert [store.take() for _ in range(3)] == [MODULUS - 1, 0, 1]


def test_an_id_that_was_given_is_not_there_to_claim(tmp_path: Path) -> None:
    store = EventIdStore(tmp_path / "ids", first=100_023)
    assert store.take() == 100_023
    with pytest.raises(UsageError, match="taken"):
        store.claim(100_023)
    store.claim(100_025)
    assert [store.take(), store.take()] == [100_026, 100_027]
    store.claim(100_024)  # behind the next one: that one stays
    assert store.take() == 100_028
    with pytest.raises(UsageError, match="32 bits"):
        store.claim(MODULUS)


def test_neighbours_are_kept_as_one_row(tmp_path: Path) -> None:
    store = EventIdStore(tmp_path / "ids")
    for event_id in (1, 2, 5, 3, 4, 9):
        store.claim(event_id)
    with sqlite3.connect(tmp_path / "ids") as connection:
        rows = connection.execute("SELECT first, last FROM given ORDER BY first").fetchall()
    connection.close()
    assert rows == [(1, 5), (9, 9)]


def test_a_sequence_that_is_used_up_says_so(tmp_path: Path) -> None:
    store = EventIdStore(tmp_path / "ids", first=7)
    with sqlite3.connect(tmp_path / "ids") as connection:
        connection.execute("INSERT INTO given VALUES ('default', 0, ?)", (MODULUS - 2,))
    connection.close()
    assert store.take() == MODULUS - 1
    with pytest.raises(UsageError, match="all event ids"):
        store.take()


def test_breaks_of_two_processes_after_one_another_have_different_ids(tmp_path: Path) -> None:
    ids = []
    for _ in range(2):
        inserter = SpliceInserter(event_ids=EventIdStore(tmp_path / "ids", first=100_023))
        ids += [inserter.schedule(Break(start="+9s", duration="3s")) for _ in range(2)]
    assert ids == [100_023, 100_024, 100_025, 100_026]


# -- killed, and at once ------------------------------------------------------------------------


class Taker:
    """A process that takes ids for ever and says each one, until it is killed."""

    def __init__(self, path: Path) -> None:
        read_end, write_end = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(read_end)  # if the test ends early, writing fails and so does this process
            try:
                store = EventIdStore(path)
                while True:
                    os.write(write_end, b"%d\n" % store.take())
            except BaseException as error:
                os.write(write_end, repr(error).encode())
            finally:
                os._exit(1)
        os.close(write_end)
        self.said = os.fdopen(read_end, "rb")

    def kill_after(self, seconds: float) -> list[int]:
        """The ids that it said; SIGKILL hits it wherever it is by then."""
        time.sleep(seconds)
        os.kill(self.pid, signal.SIGKILL)
        with self.said:
            ids = [int(line) for line in self.said]
        assert os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]) == -signal.SIGKILL
        return ids


def test_a_process_killed_at_any_moment_leaves_no_id_to_be_given_again(tmp_path: Path) -> None:
    path = tmp_path / "ids"
    said: list[int] = []
    kills = 40
    for turn in range(kills):
        said += Taker(path).kill_after(turn * 0.00137)
        said.append(EventIdStore(path).take())
    assert said == sorted(set(said))
    assert len(said) > kills
    assert max(said) <= len(said) + kills, "each kill leaves one gap at most"


def test_two_processes_at_one_file_never_get_the_same_id(tmp_path: Path) -> None:
    """One is killed and begun anew beside the other."""
    path = tmp_path / "ids"
    steady = Taker(path)
    lives = [Taker(path).kill_after(0.05 + turn * 0.0037) for turn in range(8)]
    lives.append(steady.kill_after(0.2))
    assert all(life == sorted(life) for life in lives)
    assert all(times == 1 for times in Counter(chain.from_iterable(lives)).values())
    assert EventIdStore(path).take() > max(chain.from_iterable(lives))


def test_processes_may_make_the_file_at_the_same_time(tmp_path: Path) -> None:
    for turn in range(6):
        takers = [Taker(tmp_path / f"ids {turn}") for _ in range(3)]
        lives = [[int(taker.said.readline()), *taker.kill_after(0)] for taker in takers]
        assert all(times == 1 for times in Counter(chain.from_iterable(lives)).values())
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == []


def test_threads_and_children_share_one_store(tmp_path: Path) -> None:
    store = EventIdStore(tmp_path / "ids")
    taken: list[int] = []
    threads = [
        threading.Thread(target=lambda: taken.extend(store.take() for _ in range(10)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 31))
    child = os.fork()
    if child == 0:
        try:
            os._exit(store.take())
        finally:
            os._exit(99)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 31
    assert store.take() == 32


# -- what the system and the file refuse --------------------------------------------------------


def test_a_place_where_no_file_can_be_is_an_error_that_names_it(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "no folder" / "ids"):
        with pytest.raises(OpenError, match=r"cannot be (opened|made)") as caught:
            EventIdStore(path)
        assert caught.value.facts["path"] == str(path)


def test_a_file_that_is_something_else_stays_as_it_is(tmp_path: Path) -> None:
    text, database = tmp_path / "text", tmp_path / "database"
    text.write_text("event ids: 1, 2, 3\n" * 100)
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE sequences (name, next)")
    connection.close()
    before = [text.read_bytes(), database.read_bytes()]
    for path in (text, database):
        with pytest.raises(InputError):
            EventIdStore(path)
    assert [text.read_bytes(), database.read_bytes()] == before


def test_a_damaged_file_gives_no_ids(tmp_path: Path) -> None:
    path = tmp_path / "ids"
    store = EventIdStore(path)
    store.take()
    sound = path.read_bytes()
    path.write_bytes(sound[:100] + bytes(len(sound) - 100))
    with pytest.raises(InputError, match="damaged"):
        store.take()
    path.write_bytes(sound[: len(sound) // 2])
    with pytest.raises(InputError, match="damaged"):
        EventIdStore(path)


def test_a_file_that_is_gone_is_not_begun_anew(tmp_path: Path) -> None:
    store = EventIdStore(tmp_path / "ids")
    store.take()
    (tmp_path / "ids").unlink()
    with pytest.raises(OpenError):
        store.take()
    EventIdStore(tmp_path / "ids", name="another")
    with pytest.raises(InputError, match="gone"):
        store.take()


def test_a_file_that_cannot_grow_gives_no_ids(tmp_path: Path) -> None:
    path = tmp_path / "ids"
    command = [sys.executable, "-c", FULL, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["1", f"refused {path}"]
    assert EventIdStore(path).take() == 2


def test_a_lock_that_another_process_keeps_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = EventIdStore(tmp_path / "ids")
    monkeypatch.setattr("tsloom.runner.event_ids.PATIENCE_S", 0.05)
    holder = sqlite3.connect(tmp_path / "ids", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(SystemRefusedError, match="locked"):
        store.take()
    holder.close()
    assert store.take() == 1
