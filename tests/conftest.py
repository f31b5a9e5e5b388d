"""Fixtures that more than one file of tests needs: folders, and a night's landing."""

import fcntl
import os
import pickle
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import duckdb
import pytest
from companies import Builder, compiled_project, installation
from hypothesis import HealthCheck, Phase
from hypothesis import settings as proofs
from nights import SHARED

from engines import spark
from expectations import Result
from orchestration import landing, linking, transform
from orchestration.landing import Landing
from orchestration.settings import Settings, from_environment

# The main module of a worker of xdist has no file, and pyspark, which Great
# Expectations imports where it is installed, takes a process without one for a run of
# its doctests, and ends it. multiprocessing runs that file in its children: this one
# does nothing there.
if "PYTEST_XDIST_WORKER" in os.environ:
    main = Path(pytest.__file__).with_name("__main__.py")
    sys.modules["__main__"].__file__ = str(main)

# The same examples every time: a proof that fails, fails for everybody.
for name, max_examples in (("short", 2), ("long", 12)):
    proofs.register_profile(
        name,
        deadline=None,
        database=None,
        derandomize=True,
        max_examples=max_examples,
        print_blob=False,
        # Ours is quicker: companies.simplest.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
proofs.load_profile("short")


# Nights, and companies built often: begun last, one worker would wait for the other.
LONGEST = ("orchestration", "warehouse", "as_of", "arrival", "rebuild", "scores")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, whatever the number of their tests."""
    places = {f"test_{name}": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation of its own, with an empty landing folder."""
    (tmp_path / "landing").mkdir()
    return from_environment(
        {
            "LANDING_DIR": str(tmp_path / "landing"),
            "DATA_DIR": str(tmp_path / "data"),
            "THREADS": "2",
        }
    )


@pytest.fixture
def drop(settings: Settings) -> Callable[[str, str | bytes], Path]:
    """Put a file into the landing folder: drop("shop/orders/x.csv", content)."""

    def put(place: str, content: str | bytes) -> Path:
        path = settings.landing_dir / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


@pytest.fixture
def land(settings: Settings) -> Callable[..., Landing]:
    """Land one night, each call the next; unless told, every batch is good enough."""
    nights = count()

    def night(check=lambda *_: Result()) -> Landing:
        now = datetime(2026, 7, 1) + timedelta(days=next(nights))
        return landing.land(settings, check, [], now)

    return night


@pytest.fixture
def raw(settings: Settings) -> Callable[[str], list[dict]]:
    """Every raw row of "<source>/<feed>", as the view of raw shows it."""

    def rows(feed: str) -> list[dict]:
        return read_batches(settings.raw / feed / "*.parquet")

    return rows


def read_batches(files: Path) -> list[dict]:
    """Rows of Parquet batches with `_row_number` as the view of raw computes it."""
    with duckdb.connect() as connection:
        cursor = connection.execute(f"""
            select * exclude (_row_number, file_row_number),
                coalesce(_row_number, file_row_number + _first_row) as _row_number
            from read_parquet('{files}', union_by_name = true, file_row_number = true)
            order by _file, _row_number
        """)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this run of the tests, the same for all workers."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """One worker at a time: what the first makes, the others find."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory, shared_folder: Path) -> Builder:
    """Builds small companies without dbt, which compiles once, for all workers."""
    made = shared_folder / "project.pickle"
    with alone(shared_folder / "project.lock"):
        if not made.exists():
            made.write_bytes(pickle.dumps(compiled_project(shared_folder / "project")))
    project = pickle.loads(made.read_bytes())
    return Builder(project, tmp_path_factory.mktemp("companies"))


@pytest.fixture(scope="session")
def parsed(shared_folder: Path) -> Settings:
    """An installation where nothing is built, of which dbt has written the manifest.

    Where the builder compiles, for dbt reads the project anew for every other DATA_DIR.
    """
    settings = from_environment({"DATA_DIR": str(shared_folder / "parsed")})
    copy = transform.target_path(settings) / "manifest.json"
    with alone(shared_folder / "project.lock"):
        if not copy.exists():
            compiling = installation(shared_folder / "project")
            transform.manifest(compiling)
            copy.parent.mkdir(parents=True)
            shutil.copyfile(transform.target_path(compiling) / copy.name, copy)
    return settings


@pytest.fixture(scope="session")
def needs_spark() -> None:
    """Skips where Java or the extra is missing: `make test` installs neither.

    CI asks `python -m engines.spark` first, so that it cannot pass without them.
    """
    if said := spark.missing():
        pytest.skip(said)


@pytest.fixture(scope="session")
def needs_shared_data() -> None:
    """Skips where the public data is not beside the checkout: none of it is committed.

    CI asks for the folder first.
    """
    if not (SHARED / "data").exists():
        pytest.skip("the public data of ../shared/data is not beside this checkout")


@pytest.fixture(scope="session")
def needs_links() -> None:
    """Skips where the extra is missing: `make test` does not install it.

    CI asks `python -m orchestration.linking` first.
    """
    if said := linking.missing():
        pytest.skip(said)
