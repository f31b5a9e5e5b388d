"""The cluster on loopback stops what it started; a lost worker changes no mart."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from nights import SAMPLE

from engines import build, cluster, parity, spark
from expectations import Result
from orchestration import landing
from orchestration.settings import DBT_PROJECT, PROJECT, Settings, from_environment

PORTS = cluster.Ports(master=7077, master_page=8080, thrift=10000)
HOME = Path("/spark")

# Says its name when it is told to stop, after the seconds that it needs to.
TELLS = """
import pathlib, signal, sys, time
def told(*_):
    time.sleep({seconds})
    with open({file!r}, "a") as file:
        file.write({name!r} + "\\n")
    sys.exit()
signal.signal(signal.SIGTERM, told)
pathlib.Path({file!r} + "." + {name!r}).touch()
while True:
    time.sleep(0.05)
"""
# Hears nothing, and has a child that hears nothing either.
DEAF = """
import os, pathlib, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child:
    pathlib.Path({file!r}).write_text(str(child))
while True:
    time.sleep(0.05)
"""


def part(name: str, script: str, folder: Path) -> cluster.Part:
    return cluster.start(name, [sys.executable, "-c", script], os.environ, folder)


def waits_for(happened, seconds: float = 20) -> None:
    latest = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < latest
        time.sleep(0.02)


def runs(process_id: int) -> bool:
    """Whether there is such a process that has not ended: a zombie has."""
    with contextlib.suppress(FileNotFoundError):
        stat = Path(f"/proc/{process_id}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] != "Z"
    return False


def test_every_part_binds_to_loopback():
    scratch = Path("/scratch")
    for command in (
        cluster.master_command(HOME, PORTS),
        cluster.worker_command(HOME, PORTS, scratch),
    ):
        assert command[command.index("--host") + 1] == "127.0.0.1"
    thrift = cluster.thrift_command(HOME, PORTS)
    assert "hive.server2.thrift.bind.host=127.0.0.1" in thrift
    settings = cluster.defaults({"spark.driver.host": "0.0.0.0"}, scratch)
    assert settings["spark.driver.host"] == settings["spark.driver.bindAddress"]
    assert settings["spark.driver.bindAddress"] == "127.0.0.1"


def test_parts_find_each_other_by_the_ports():
    worker = cluster.worker_command(HOME, PORTS, Path("/scratch"))
    thrift = cluster.thrift_command(HOME, PORTS)
    assert (
        worker[-1] == thrift[thrift.index("--master") + 1] == "spark://127.0.0.1:7077"
    )
    assert "hive.server2.thrift.port=10000" in thrift
    standing = cluster.Cluster(Path("/data"), PORTS)
    assert standing.environment()["SPARK_THRIFT_PORT"] == "10000"


def test_ports_are_free_and_not_the_same():
    ports = cluster.free_ports()
    chosen = {ports.master, ports.master_page, ports.thrift}
    assert len(chosen) == 3
    assert not any(cluster.accepts(port) for port in chosen)


def test_a_worker_counts_while_the_master_calls_it_alive():
    told = {"workers": [{"state": "ALIVE"}, {"state": "DEAD"}, {"state": "UNKNOWN"}]}
    assert cluster.alive(told) == 1
    assert cluster.alive(cluster.told_by_master(cluster.free_ports().master_page)) == 0


def test_the_server_has_the_settings_of_a_session(tmp_path):
    settings = spark.configuration(tmp_path, {"SPARK_MEMORY": "3g"})
    assert settings["spark.sql.warehouse.dir"] == f"{tmp_path}/spark/warehouse"
    assert settings["spark.driver.memory"] == "3g"
    given = cluster.defaults(settings, tmp_path)
    assert given.items() >= settings.items() - {("spark.log.level", "ERROR")}


def test_any_thrift_server_is_told_what_results_depend_on():
    profiles = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text())
    outputs = profiles["tierkeeper"]["outputs"]
    session = outputs["spark_session"]["server_side_parameters"]
    told = outputs["spark_thrift"]["server_side_parameters"]
    # What dbt asks of every session, and a Thrift server does not hear.
    session = {"spark.sql.ansi.enabled": "false", **session}
    for name, value in told.items():
        assert session[name.removeprefix("set:hiveconf:")] == value
    where_or_how_much = ("spark.sql.warehouse.dir", "spark.sql.shuffle.partitions")
    assert {f"set:hiveconf:{name}" for name in session} - told.keys() == {
        f"set:hiveconf:{name}"
        for name in session
        if not name.startswith("spark.sql.") or name in where_or_how_much
    }


@pytest.mark.parametrize(
    ("told", "major"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_412"', 8),
        ('openjdk version "21" 2023-09-19', 21),
        ("Unable to locate a Java Runtime.", None),
    ],
)
def test_javas_version_is_read(told, major):
    assert spark.java_major(told) == major


def test_an_old_java_is_named(tmp_path, monkeypatch):
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'java version \"1.8.0_412\"' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setattr(spark.util, "find_spec", lambda _: object())
    assert spark.missing() == f"Spark needs Java 17 or newer: {java} is Java 8."


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("raise SystemExit(3)", "The master ended with 3 before it was ready"),
        ("import os; os.abort()", "The master ended with -6 before it was ready"),
        ("import time; time.sleep(60)", "The master did not start within 1 seconds"),
    ],
)
def test_a_part_that_does_not_start_is_named_with_its_log(tmp_path, script, sentence):
    master = part("master", script, tmp_path)
    with pytest.raises(cluster.ClusterError) as raised:
        cluster.wait_until(lambda: False, master, 1)
    cluster.stop([master])
    assert str(raised.value) == f"{sentence}: its log is {tmp_path / 'master.log'}."


def test_parts_stop_in_reverse_order_each_before_the_next(tmp_path):
    file = str(tmp_path / "told")
    seconds = {"master": 0, "worker 1": 0.1, "Thrift server": 0.3}
    parts = [
        part(name, TELLS.format(file=file, name=name, seconds=waits), tmp_path)
        for name, waits in seconds.items()
    ]
    for name in seconds:
        waits_for(Path(f"{file}.{name}").exists)
    cluster.stop(parts)
    assert Path(file).read_text().splitlines() == [
        "Thrift server",
        "worker 1",
        "master",
    ]
    assert [one.process.returncode for one in parts] == [0, 0, 0]


def test_what_hears_nothing_is_killed_with_its_children_and_nobody_else(tmp_path):
    file = tmp_path / "child"
    deaf = part("worker 1", DEAF.format(file=str(file)), tmp_path)
    other = part("other", "import time; time.sleep(60)", tmp_path)
    waits_for(lambda: file.exists() and file.read_text())
    cluster.stop([deaf], seconds=0.2)
    assert deaf.process.returncode == -signal.SIGKILL
    waits_for(lambda: not runs(int(file.read_text())))
    assert cluster.exit_code(other) is None
    cluster.stop([other])


def test_children_of_a_killed_worker_are_stopped(tmp_path):
    file = tmp_path / "child"
    worker = part("worker 1", DEAF.format(file=str(file)), tmp_path)
    waits_for(lambda: file.exists() and file.read_text())
    os.kill(worker.id, signal.SIGKILL)
    waits_for(lambda: cluster.exit_code(worker) == -signal.SIGKILL)
    assert runs(int(file.read_text()))
    cluster.stop([worker])
    waits_for(lambda: not runs(int(file.read_text())))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_command_and_then_the_parts(tmp_path, number):
    """With parts that only tell their names: Spark's own are in the long proof."""
    file = str(tmp_path / "told")
    scripts = {
        name: TELLS.format(file=file, name=name, seconds=0.2)
        for name in ("master", "Thrift server", "command")
    }
    program = textwrap.dedent(f"""
        import contextlib, os, sys
        from pathlib import Path
        from engines import cluster

        @contextlib.contextmanager
        def standing(data_dir):
            parts = []
            with contextlib.ExitStack() as stopping:
                stopping.callback(cluster.stop, parts)
                for name in ("master", "Thrift server"):
                    command = [sys.executable, "-c", {scripts!r}[name]]
                    folder = Path({str(tmp_path)!r})
                    parts.append(cluster.start(name, command, os.environ, folder))
                yield cluster.Cluster(data_dir, cluster.Ports(1, 2, 3), parts)

        cluster.cluster = standing
        sys.exit(cluster.main([sys.executable, "-c", {scripts!r}["command"]]))
    """)
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=PROJECT, stdout=subprocess.DEVNULL
    )
    for name in scripts:
        waits_for(Path(f"{file}.{name}").exists)
    process.send_signal(number)
    assert process.wait(20) == 128 + number
    assert Path(file).read_text().splitlines() == ["command", "Thrift server", "master"]


MODELS_BEFORE_THE_KILL = 80
MODEL_DONE = re.compile(r" OK created sql \S+ model (\S+)")


def models_done(settings: Settings) -> list[str]:
    """What dbt has built on Spark so far, as its log tells."""
    log = build.folder(settings) / "logs" / "dbt.log"
    return MODEL_DONE.findall(log.read_text()) if log.exists() else []


def executor_of(worker: cluster.Part) -> str:
    """The number of the executor that a worker has, as the server's log names it."""
    return re.search(r"launch executor \S+/(\d+) for", worker.log.read_text())[1]


def holds_a_task(executor: str, server: cluster.Part) -> bool:
    """Whether the server has given the executor a task that is not finished."""
    log = server.log.read_text()
    given = len(re.findall(rf"Starting task .+executor {executor},", log))
    return given > len(re.findall(rf"Finished task .+\(executor {executor}\)", log))


def kill_at_work(worker: cluster.Part, server: cluster.Part) -> None:
    """Kill a worker with its executor amid a task, as when its machine breaks."""
    executor = executor_of(worker)
    # Frozen it cannot finish the task that it has, or is given next.
    os.killpg(worker.id, signal.SIGSTOP)
    time.sleep(1)
    waits_for(lambda: holds_a_task(executor, server), seconds=50)
    os.killpg(worker.id, signal.SIGKILL)
    waits_for(lambda: cluster.exit_code(worker) == -signal.SIGKILL)


@pytest.mark.long
@pytest.mark.spark
@pytest.mark.usefixtures("needs_spark")
def test_a_worker_killed_during_the_build_changes_nothing(tmp_path, monkeypatch):
    settings = from_environment(
        {"LANDING_DIR": str(SAMPLE), "DATA_DIR": str(tmp_path), "THREADS": "2"}
    )
    landing.land(settings, lambda *_: Result(), [], datetime(2026, 7, 1, 5))
    build.on_duckdb(settings)
    # The cluster stops first, so that a build that hangs on it ends.
    with ThreadPoolExecutor(1) as beside, cluster.cluster(tmp_path) as standing:
        victim, server = standing.workers[0], standing.parts[-1]
        assert standing.alive_workers() == 2
        for name, value in standing.environment().items():
            monkeypatch.setenv(name, value)
        building = beside.submit(build.on_spark, settings, build.THRIFT, tests=False)
        waits_for(
            lambda: (
                building.done() or len(models_done(settings)) >= MODELS_BEFORE_THE_KILL
            ),
            seconds=1200,
        )
        kill_at_work(victim, server)
        before = len(models_done(settings))
        building.result(timeout=1800)
        assert standing.alive_workers() == 1
        parts = [*standing.parts]
    # The task that it had was lost with it: the other worker took it up again.
    again = rf"Starting task \d+\.1 in .+executor (?!{executor_of(victim)},)"
    assert re.search(again, server.log.read_text())
    assert MODELS_BEFORE_THE_KILL <= before < len(models_done(settings)) - 20
    assert not any(runs(one.id) for one in parts)
    found = parity.compare(
        build.manifest(settings), settings.marts, build.warehouse(settings)
    )
    assert [(d.mart, d.sentence) for d in found] == []
