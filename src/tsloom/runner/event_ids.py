"""Event ids that outlive the process: kept in a file, each written down before it is given out."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tsloom.errors import InputError, OpenError, SystemRefusedError, UsageError
from tsloom.scte35.event_ids import EVENT_ID_MODULUS, check_event_id, is_behind

if TYPE_CHECKING:
    from collections.abc import Iterator

# "tsEI", in the file's header: says what the file is for (SQLite, PRAGMA application_id).
APPLICATION_ID: Final = 0x74734549
FORMAT: Final = 1
# Another process holds the file for some milliseconds; one that holds it longer has stopped.
PATIENCE_S: Final = 10.0
# Ids are given in rows of neighbours: years of breaks are a handful of ranges.
_TABLES: Final = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
BEGIN;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT};
CREATE TABLE sequences (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE given (
    name TEXT, first INTEGER, last INTEGER NOT NULL, PRIMARY KEY (name, first)
) WITHOUT ROWID;
COMMIT
"""
_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class EventIdStore:
    """A supply of event ids in a file: an `EventIds` that gives none twice, however it ended.

    An id is on the disk before it is given out, so a process that is killed, or a machine that
    loses power, leaves a gap at most. Threads and processes may share the file, each with a store
    of its own or not: nothing is held open between two calls. name tells several sequences in one
    file apart; first is where a new one begins, and means nothing to one that is there. Behind
    2^32 - 1 comes 0.

    `OpenError` if the file cannot be made or opened, `InputError` if it is damaged or something
    else, `SystemRefusedError` if the system refuses later: no id is given then.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, first: int = 1, name: str = "default"
    ) -> None:
        check_event_id(first)
        self.path = Path(path).absolute()
        self.name = name
        try:
            if not self.path.exists():
                _make(self.path)
        except sqlite3.Error as error:
            raise self._explain(error) from error
        except OSError as error:
            raise OpenError(
                "the file of event ids cannot be made", path=str(self.path), reason=error.strerror
            ) from error
        with self._transaction() as connection:
            _refuse_foreign(connection)
            connection.execute("INSERT OR IGNORE INTO sequences VALUES (?, ?)", (name, first))

    def take(self) -> int:
        """The next id that was never given."""
        with self._transaction() as connection:
            event_id = self._find_free(connection, self._get_next(connection))
            self._give(connection, event_id)
        return event_id

    def claim(self, event_id: int) -> None:
        """Takes this one, and goes on behind it; `UsageError` if it was given before."""
        check_event_id(event_id)
        with self._transaction() as connection:
            if self._find_range(connection, event_id) is not None:
                raise UsageError("the splice_event_id is taken", splice_event_id=event_id)
            if is_behind(event_id, self._get_next(connection)):
                self._note(connection, event_id)
            else:
                self._give(connection, event_id)

    # -- within a transaction -------------------------------------------------------------------

    def _get_next(self, connection: sqlite3.Connection) -> int:
        row = connection.execute(
            "SELECT next FROM sequences WHERE name = ?", (self.name,)
        ).fetchone()
        if row is None or not isinstance(row[0], int) or not 0 <= row[0] < EVENT_ID_MODULUS:
            raise InputError("the sequence is gone from the file", path=str(self.path))
        return row[0]

    def _find_range(self, connection: sqlite3.Connection, event_id: int) -> int | None:
        """The last id of the row of given ones that event_id is in; None if it is free."""
        row = connection.execute(
            "SELECT last FROM given WHERE name = ? AND first <= ? ORDER BY first DESC LIMIT 1",
            (self.name, event_id),
        ).fetchone()
        return None if row is None or row[0] < event_id else int(row[0])

    def _find_free(self, connection: sqlite3.Connection, event_id: int) -> int:
        # Neighbours are merged: behind a row's end an id is free, unless 0 follows and is given.
        for _ in range(3):
            last = self._find_range(connection, event_id)
            if last is None:
                return event_id
            event_id = (last + 1) % EVENT_ID_MODULUS
        raise UsageError("all event ids have been given", path=str(self.path), name=self.name)

    def _give(self, connection: sqlite3.Connection, event_id: int) -> None:
        self._note(connection, event_id)
        connection.execute(
            "UPDATE sequences SET next = ? WHERE name = ?",
            ((event_id + 1) % EVENT_ID_MODULUS, self.name),
        )

    def _note(self, connection: sqlite3.Connection, event_id: int) -> None:
        """Adds the id to the rows of given ones, and joins those that now meet."""
        first = last = event_id
        for row in connection.execute(
            "SELECT first, last FROM given WHERE name = ? AND first <= ?"
            " ORDER BY first DESC LIMIT 2",
            (self.name, event_id + 1),
        ).fetchall():
            if row[0] == event_id + 1 or row[1] == event_id - 1:
                first, last = min(first, row[0]), max(last, row[1])
                connection.execute(
                    "DELETE FROM given WHERE name = ? AND first = ?", (self.name, row[0])
                )
        connection.execute("INSERT INTO given VALUES (?, ?, ?)", (self.name, first, last))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction that no other one runs beside; what left it is on the disk.

        The file has to be there: a store whose file has been deleted would else begin again, and
        give ids twice.
        """
        connection = None
        try:
            connection = sqlite3.connect(
                f"{self.path.as_uri()}?mode=rw",
                uri=True,
                timeout=PATIENCE_S,
                isolation_level=None,
            )
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._explain(error) from error
        finally:
            if connection is not None:
                connection.close()

    def _explain(self, error: sqlite3.Error) -> Exception:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        facts = {"path": str(self.path), "reason": str(error)}
        if code in _DAMAGE or not code:
            return InputError("the file of event ids is damaged, or is something else", **facts)
        if code == sqlite3.SQLITE_CANTOPEN:
            return OpenError("the file of event ids cannot be opened", **facts)
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return SystemRefusedError("another process keeps the file of event ids locked", **facts)
        return SystemRefusedError("the system refuses to keep event ids", **facts)


def _make(path: Path) -> None:
    """A file without ids, which is there at once and whole, or was there already."""
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        made = Path(folder) / path.name
        connection = sqlite3.connect(made, isolation_level=None)
        try:
            connection.executescript(_TABLES)
        finally:
            connection.close()
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
    opened = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _refuse_foreign(connection: sqlite3.Connection) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if (application, version) != (APPLICATION_ID, FORMAT):
        raise InputError("a database of another application", application=application)
