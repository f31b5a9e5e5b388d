"""A Spark cluster on this machine's loopback: started, waited for, and stopped.

    python -m engines.cluster dbt build     runs a command while the cluster stands
    python -m engines.cluster               lets it stand until Ctrl-C

Master, two workers and the Thrift server are processes of their own, started from the
pip package; each is stopped by its process id, in reverse order, whatever happens.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from engines import spark
from orchestration.settings import DBT_PROJECT, SettingsError, from_environment

HOST = "127.0.0.1"
WORKERS = 2
CORES, MEMORY = 1, "2g"  # of each worker
SECONDS_TO_START = 120
SECONDS_TO_STOP = 20
SECONDS_BETWEEN_LOOKS = 0.2
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

MASTER = "org.apache.spark.deploy.master.Master"
WORKER = "org.apache.spark.deploy.worker.Worker"
THRIFT_SERVER = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"


class ClusterError(Exception):
    """The cluster cannot stand; the message says which part, and where its log is."""


@dataclass(frozen=True)
class Part:
    """One process of the cluster, the leader of a process group of its own."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def id(self) -> int:
        return self.process.pid


@dataclass(frozen=True)
class Ports:
    master: int
    master_page: int
    thrift: int


@dataclass(frozen=True)
class Cluster:
    """A standing cluster: what a command needs to use it, and a test to break it."""

    data_dir: Path
    ports: Ports
    parts: list[Part] = field(default_factory=list)

    @property
    def master(self) -> str:
        return f"spark://{HOST}:{self.ports.master}"

    @property
    def workers(self) -> list[Part]:
        return [part for part in self.parts if part.name.startswith("worker")]

    def environment(self) -> dict[str, str]:
        """What dbt reads, so that `dbt build` alone builds on this cluster."""
        folder = self.data_dir / "spark"
        return {
            "DATA_DIR": str(self.data_dir),
            "SPARK_THRIFT_HOST": HOST,
            "SPARK_THRIFT_PORT": str(self.ports.thrift),
            "DBT_PROJECT_DIR": str(DBT_PROJECT),
            "DBT_PROFILES_DIR": str(DBT_PROJECT),
            "DBT_TARGET": "spark_thrift",
            "DBT_TARGET_PATH": str(folder / "dbt"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }

    def alive_workers(self) -> int:
        """How many workers the master counts as alive; none while it cannot tell."""
        return alive(told_by_master(self.ports.master_page))


def free_ports() -> Ports:
    """Ports that nobody listens on: held together, so that no two are the same."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(3)]
        for one in sockets:
            one.bind((HOST, 0))
        return Ports(*(one.getsockname()[1] for one in sockets))


def told_by_master(port: int) -> dict:
    """The master's own page as JSON; nothing while there is none."""
    # A proxy that the environment names is not asked for an address of this machine.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://{HOST}:{port}/json/", timeout=5) as page:
            return json.load(page)
    except (OSError, urllib.error.URLError, ValueError):
        return {}


def alive(told: Mapping) -> int:
    return sum(worker["state"] == "ALIVE" for worker in told.get("workers", []))


def accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), 1):
        return True
    return False


def defaults(settings: Mapping[str, str], scratch: Path) -> dict[str, str]:
    """spark-defaults.conf of every part: what a session has, and what binds them."""
    return {
        **settings,
        "spark.driver.host": HOST,
        "spark.driver.bindAddress": HOST,
        "spark.executor.memory": MEMORY,
        # A log of its own tells what was done where; a session's is dbt's screen.
        "spark.log.level": "INFO",
        "spark.hadoop.hive.exec.scratchdir": str(scratch / "hive"),
        # A port that somebody took meanwhile is an error, not the next port.
        "spark.port.maxRetries": "0",
        # Nobody submits to this master but the Thrift server.
        "spark.master.rest.enabled": "false",
    }


def master_command(home: Path, ports: Ports) -> list[str]:
    return [
        f"{home}/bin/spark-class", MASTER,
        "--host", HOST,
        "--port", str(ports.master),
        "--webui-port", str(ports.master_page),
    ]  # fmt: skip


def worker_command(home: Path, ports: Ports, scratch: Path) -> list[str]:
    return [
        f"{home}/bin/spark-class", WORKER,
        "--host", HOST,
        "--port", "0",
        "--webui-port", "0",
        "--cores", str(CORES),
        "--memory", MEMORY,
        "--work-dir", str(scratch / "work"),
        f"spark://{HOST}:{ports.master}",
    ]  # fmt: skip


def thrift_command(home: Path, ports: Ports) -> list[str]:
    return [
        f"{home}/bin/spark-submit",
        "--master", f"spark://{HOST}:{ports.master}",
        "--name", "Tierkeeper",
        "--class", THRIFT_SERVER,
        "spark-internal",
        "--hiveconf", f"hive.server2.thrift.bind.host={HOST}",
        "--hiveconf", f"hive.server2.thrift.port={ports.thrift}",
    ]  # fmt: skip


def start(
    name: str, command: Sequence[str], environment: Mapping[str, str], logs: Path
) -> Part:
    """Start one part as the leader of a process group; its words go to its own log."""
    log = logs / f"{name.replace(' ', '-').lower()}.log"
    with log.open("wb") as words:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            cwd=logs,  # Derby leaves its log where it stands
            env=dict(environment),
            start_new_session=True,
        )
    return Part(name, process, log)


def exit_code(part: Part) -> int | None:
    """How the part ended, None while it runs; it keeps its id until it is stopped."""
    ended = os.waitid(os.P_PID, part.id, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if ended is None:
        return None
    return ended.si_status * (1 if ended.si_code == os.CLD_EXITED else -1)


def wait_until(ready: Callable[[], bool], part: Part, seconds: float) -> None:
    """Wait for a part to be ready.

    Raises ClusterError if it ends before, or is not ready in time.
    """
    latest = time.monotonic() + seconds
    while not ready():
        code = exit_code(part)
        if code is not None:
            raise ClusterError(
                f"The {part.name} ended with {code} before it was ready: "
                f"its log is {part.log}."
            )
        if time.monotonic() > latest:
            raise ClusterError(
                f"The {part.name} did not start within {seconds:g} seconds: "
                f"its log is {part.log}."
            )
        time.sleep(SECONDS_BETWEEN_LOOKS)


def signal_group(part: Part, number: signal.Signals) -> None:
    # Nobody has waited for it yet, so that the id is still its own.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(part.id, number)


def stop(parts: Sequence[Part], seconds: float = SECONDS_TO_STOP) -> None:
    """Stop the parts, last started first: each with all that it started itself."""
    for part in reversed(parts):
        signal_group(part, signal.SIGTERM)
        latest = time.monotonic() + seconds
        while exit_code(part) is None and time.monotonic() < latest:
            time.sleep(SECONDS_BETWEEN_LOOKS / 4)
        # A worker that was killed leaves executors, and any part may be stuck.
        signal_group(part, signal.SIGKILL)
        part.process.wait()


@contextlib.contextmanager
def cluster(data_dir: Path, seconds: float = SECONDS_TO_START) -> Iterator[Cluster]:
    """A master, two workers and the Thrift server, which stand while the block runs.

    Raises ClusterError with one sentence if one of them does not start.
    """
    lacking = spark.missing()
    if lacking:
        raise ClusterError(lacking)
    home = spark.home()
    folder = data_dir / "spark"
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(
            prefix="cluster-", dir=folder, ignore_cleanup_errors=True
        ) as temporary,
        contextlib.ExitStack() as stopping,
    ):
        scratch = Path(temporary)
        settings = defaults(spark.configuration(data_dir), scratch)
        (scratch / "spark-defaults.conf").write_text(
            "".join(f"{name} {value}\n" for name, value in settings.items()), "utf-8"
        )
        environment = {
            **os.environ,
            "SPARK_HOME": str(home),
            "SPARK_CONF_DIR": str(scratch),
            "SPARK_LOCAL_DIRS": str(scratch / "local"),
            "SPARK_LOCAL_IP": HOST,
            "SPARK_LOCAL_HOSTNAME": HOST,
            "SPARK_PUBLIC_DNS": HOST,
        }
        standing = Cluster(data_dir, free_ports())
        stopping.callback(stop, standing.parts)
        ports = standing.ports

        def add(name: str, command: Sequence[str]) -> Part:
            standing.parts.append(start(name, command, environment, logs))
            return standing.parts[-1]

        master = add("master", master_command(home, ports))
        wait_until(lambda: bool(told_by_master(ports.master_page)), master, seconds)
        for number in range(1, WORKERS + 1):
            add(f"worker {number}", worker_command(home, ports, scratch))
        for number, worker in enumerate(standing.workers, 1):
            wait_until(lambda n=number: standing.alive_workers() >= n, worker, seconds)
        thrift = add("Thrift server", thrift_command(home, ports))
        wait_until(lambda: accepts(ports.thrift), thrift, seconds)
        yield standing


def run(command: Sequence[str], standing: Cluster) -> int:
    """Run a command beside the cluster; it is stopped with it."""
    tools = str(Path(sys.executable).parent)  # this environment's dbt
    process = subprocess.Popen(
        command,
        env={
            **os.environ,
            **standing.environment(),
            "PATH": os.pathsep.join([tools, os.environ.get("PATH", os.defpath)]),
        },
        start_new_session=True,
    )
    part = Part("command", process, Path(os.devnull))
    try:
        while exit_code(part) is None:
            time.sleep(SECONDS_BETWEEN_LOOKS)
    finally:
        stop([part])
    code = process.returncode
    return code if code >= 0 else 128 - code


def leave(number: int, _: FrameType | None) -> None:
    """End through every `finally`; a second signal does not disturb the stopping."""
    for other in ENDINGS:
        signal.signal(other, signal.SIG_IGN)
    sys.exit(128 + number)


def main(command: Sequence[str]) -> int:
    for number in ENDINGS:
        # What `nohup` starts is to outlive its terminal.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, leave)
    began = time.monotonic()
    try:
        with cluster(from_environment().data_dir) as standing:
            print(
                f"The cluster stands after {time.monotonic() - began:.0f} seconds: "
                f"{standing.master} with {WORKERS} workers, the Thrift server on "
                f"{HOST}:{standing.ports.thrift}, logs in "
                f"{standing.data_dir / 'spark' / 'logs'}",
                flush=True,
            )
            if command:
                return run(command, standing)
            print(
                "From elsewhere: "
                + " ".join(f"{k}={v}" for k, v in standing.environment().items())
                + " dbt build\nCtrl-C stops it.",
                flush=True,
            )
            while True:
                signal.pause()
    except (ClusterError, SettingsError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
