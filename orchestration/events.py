"""Where Dagster keeps its events of a night: its own files, opened more cheaply."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData

# Whoever looks at many runs would else hold the files of all of them.
MOST_RUNS_OPEN = 8


@sqlalchemy.event.listens_for(sqlalchemy.Engine, "connect")
def write_quickly(connection, _) -> None:
    """Do not wait for the disk after each of Dagster's thousand events of a night.

    A power cut may cost its log of the nights so far; raw, snapshots and our own logs
    do not depend on it.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = off")


class EventLog(SqliteEventLogStorage):
    """Dagster's event log, each file opened once; `nightly.home` tells Dagster of it.

    Dagster makes an engine and a connection for each of some seven thousand
    transactions a night. For a new engine SQLAlchemy compiles every statement anew,
    and opening the file takes a quarter of what is left.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None):
        self._engines: dict[str, sqlalchemy.Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: dict[str, str]
    ) -> "EventLog":
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sqlalchemy.Connection]:
        with self._db_lock:
            if shard not in self._engines:
                runs = [known for known in self._engines if known != INDEX_SHARD_NAME]
                for oldest in runs[: 1 - MOST_RUNS_OPEN]:
                    self._engines.pop(oldest).dispose()
                self._engines[shard] = sqlalchemy.create_engine(
                    self.conn_string_for_shard(shard),
                    poolclass=sqlalchemy.pool.StaticPool,
                    # The lock lets in one thread at a time.
                    connect_args={
                        "timeout": SQLITE_BUSY_TIMEOUT_SECONDS,
                        "check_same_thread": False,
                    },
                )
            if shard not in self._initialized_dbs:
                self._initdb(self._engines[shard])
                self._initialized_dbs.add(shard)
            with self._engines[shard].begin() as connection:
                yield connection

    def wipe(self) -> None:
        self.close()  # whoever holds a file open reads it after it is gone
        super().wipe()

    def dispose(self) -> None:
        super().dispose()  # ends what watches, which would open a file again
        self.close()

    def close(self) -> None:
        with self._db_lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()
