"""python -m benchmarks.shipped: the scores that serve before one is fitted.

They are fitted to a generated company of three years and written to
seeds/reference/churn_models.csv, so that a first night has a score.
"""

import csv
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import known, stability
from orchestration import fitting
from orchestration.settings import REFERENCE
from scoring.training import LEAST_CUSTOMERS, Parameter, Trained

MODELS = ["+int_churn_outcomes__measured", "resource_type:seed"]
LIST = REFERENCE / "churn_models.csv"
VERSION = "shipped-1"
BEGINNING = "1900-01-01"  # it serves every day before the first fit
# What it asks of customers whom it never saw; a fit asks for as much itself.
DEMANDS = [
    Parameter(
        "base",
        "least_customers",
        float(LEAST_CUSTOMERS),
        meaning="Customers who have bought by then; of fewer nobody could tell whether "
        "it holds here",
    ),
    Parameter(
        "base",
        "least_history_days",
        180.0,
        meaning="Days since the first purchase of all",
    ),
]


def lines(trained: Trained, fitted_through: str) -> list[dict[str, str]]:
    return [
        {
            "model_version": VERSION,
            "component": line.component,
            "parameter": line.parameter,
            "coefficient": f"{line.coefficient:.10f}",
            "reference_value": (
                "" if line.reference is None else f"{line.reference:.10f}"
            ),
            "fitted_through": fitted_through,
            "serves_from": BEGINNING,
            "meaning": line.meaning or "",
        }
        for line in [*DEMANDS, *trained.parameters]
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = stability.company(Path(folder))
        known.build(settings, MODELS, datetime.now(UTC).replace(tzinfo=None))
        as_of_date, trained = fitting.train(settings, has_champion=False)
    if isinstance(trained, str):
        raise SystemExit(trained)
    found = lines(trained, str(as_of_date))
    with LIST.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, found[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
    print(f"{LIST}: {trained.told}")


if __name__ == "__main__":
    main()
