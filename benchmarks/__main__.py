"""python -m benchmarks: what landing costs, as JSON and in one line."""

import argparse
import json

from benchmarks import landing


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument(
        "--megabytes", type=int, default=100, help="size of the export (default 100)"
    )
    result = landing.measure(parser.parse_args().megabytes)
    print(json.dumps({"landing": result}, indent=2))
    print(
        f"Landing {result['megabytes']} MB takes {result['ratio']} times a bare COPY "
        f"({result['landing_seconds']} s against {result['bare_copy_seconds']} s)."
    )


if __name__ == "__main__":
    main()
