"""The commands behind the Makefile: python -m orchestration <command>."""

import argparse
import subprocess
import sys
import time

from orchestration.contracts import ContractError
from orchestration.settings import SettingsError, from_environment

STARTED = time.perf_counter()  # before what takes seconds to import


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m orchestration")
    parser.add_argument(
        "command", choices=["nightly", "dev", "fit", "docs", "rollback", "dbt"]
    )
    parser.add_argument(
        "rest",
        nargs=argparse.REMAINDER,
        help="arguments of dbt; of fit, links or scores",
    )
    arguments = parser.parse_args()
    try:
        settings = from_environment()
    except SettingsError as error:
        sys.exit(str(error))
    if arguments.command == "nightly":
        from orchestration import nightly, transform

        try:
            return nightly.run(settings, STARTED)
        except (transform.ProjectError, ContractError) as error:
            sys.exit(str(error))
    if arguments.command == "fit":
        from orchestration import fitting, transform

        try:
            return fitting.run(settings, STARTED, arguments.rest)
        except (transform.ProjectError, ContractError) as error:
            sys.exit(str(error))
    if arguments.command == "rollback":
        from orchestration import publishing

        try:
            print(f"Published again: {publishing.rollback(settings).name}")
        except publishing.NothingToRollBack as error:
            sys.exit(str(error))
        return 0
    from orchestration import nightly, policies, transform

    nightly.home(settings)
    settings.export()
    if arguments.command == "dev":
        return subprocess.call(
            [
                sys.executable,
                "-m",
                "dagster",
                "dev",
                "--module-name",
                "orchestration.definitions",
                "--host",
                "127.0.0.1",
                "--port",
                "3000",
            ],
        )
    rest = arguments.rest or ["build"]
    if arguments.command == "docs":
        rest = ["docs", "generate", "--static"]
    try:
        policies.check()
    except policies.PolicyError as error:
        sys.exit(str(error))
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    code = transform.dbt(settings, rest)
    if arguments.command == "docs" and code == 0:
        print(f"Open {transform.target_path(settings) / 'static_index.html'}")
    return code


if __name__ == "__main__":
    sys.exit(main())
