"""python -m benchmarks: what landing and a night cost, as JSON and in two lines."""

import argparse
import json

from benchmarks import landing, night
from orchestration.settings import PROJECT


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument(
        "--megabytes", type=int, default=100, help="size of the export (default 100)"
    )
    result = landing.measure(parser.parse_args().megabytes)
    sample = night.measure(PROJECT / "seeds" / "landing", {})
    print(json.dumps({"landing": result, "sample_night": sample}, indent=2))
    print(
        f"Landing {result['megabytes']} MB takes {result['ratio']} times a bare COPY "
        f"({result['landing_seconds']} s against {result['bare_copy_seconds']} s)."
    )
    print(
        f"A night on the sample takes {sample['second_night_seconds']} s, plain dbt of "
        f"the same models {sample['plain_dbt_seconds']} s: {sample['added_seconds']} s "
        f"more; {sample['night_megabytes']} MB at most."
    )


if __name__ == "__main__":
    main()
