"""Each declared feed: in which form its source exports it, and how it gets dirty."""

from dataclasses import dataclass

EAST = "%Y-%m-%dT%H:%M:%S+08:00"
UTC = "%Y-%m-%dT%H:%M:%SZ"
LOCAL = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Feed:
    """One feed; `count` is the SQL of a cheap upper bound of its rows."""

    source: str
    name: str
    count: str
    times: str = LOCAL
    ending: str = "csv"
    delimiter: str = ","
    encoding: str = "utf-8"
    # Parquet whatever the size; a small second part then comes as text.
    is_large: bool = False
    # What dirt needs to know; a feed without a key stays clean.
    key: str = ""
    code: str = ""
    required: str = ""
    number: str = ""
    event: str = ""
    loose: str = ""  # a text that may differ between versions

    @property
    def label(self) -> str:
        return f"{self.source}/{self.name}"

    @property
    def view(self) -> str:
        return f"export_{self.source}_{self.name}"


def table(name: str) -> str:
    return f"select count(*) from {name}"


FEEDS = (
    Feed(
        "crm",
        "customers",
        table("records"),
        key="source_customer_id",
        code="customer_type",
        required="created_at",
        event="created_at",
        loose="city",
    ),
    Feed("crm", "contacts", table("contacts"), encoding="gb18030"),
    Feed("crm", "contracts", table("contracts")),
    Feed(
        "crm",
        "interactions",
        table("interactions"),
        times=EAST,
        ending="jsonl",
        is_large=True,
        key="interaction_id",
        code="purpose",
        required="source_customer_id",
        number="duration_minutes",
        loose="outcome",
    ),
    Feed("crm", "worklist_results", "select 0", times=EAST),
    Feed(
        "crm",
        "opportunities",
        table("opportunities"),
        delimiter=";",
        key="opportunity_id",
        code="stage",
        required="opened_at",
        number="amount",
        event="opened_at",
        loose="product_category",
    ),
    Feed("crm", "staff", table("staff"), ending="xlsx"),
    Feed("crm", "staff_training", table("staff_courses")),
    Feed("crm", "tier_overrides", table("overrides")),
    Feed("crm", "measures", table("measures")),
    Feed("crm", "erasure_requests", table("erasures"), times=EAST),
    Feed(
        "shop",
        "orders",
        table("orders"),
        times=EAST,
        is_large=True,
        key="order_id",
        code="status",
        required="currency",
        number="gross_amount",
        event="ordered_at",
        loose="store",
    ),
    Feed(
        "shop",
        "order_lines",
        "select coalesce(sum(line_count), 0) from orders",
        times=UTC,
        is_large=True,
        key="order_id",
        required="product_id",
        number="quantity",
        loose="product_name",
    ),
    Feed("shop", "activity", table("activity"), is_large=True),
    Feed("survey", "invitations", table("answers"), times=UTC, is_large=True),
    Feed(
        "survey",
        "responses",
        "select 2 * count(*) from answers",
        times=UTC,
        is_large=True,
        key="response_id",
        code="survey_type",
        required="score",
        number="score",
        event="responded_at",
        loose="comment",
    ),
    Feed(
        "service",
        "tickets",
        table("tickets"),
        delimiter="|",
        is_large=True,
        key="ticket_id",
        code="kind",
        required="opened_at",
        number="waiting_minutes",
        event="opened_at",
        loose="category",
    ),
    Feed("service", "feedback_actions", table("feedback_actions")),
    Feed("service", "training", table("customer_training")),
    Feed("marketing", "campaigns", table("campaigns"), encoding="utf-8-sig"),
    Feed(
        "marketing",
        "touches",
        table("touches"),
        is_large=True,
        key="touch_id",
        code="arm",
        required="campaign_id",
        number="cost",
        event="sent_at",
    ),
    Feed("marketing", "spend", table("spend")),
    Feed(
        "loyalty",
        "points",
        table("points"),
        times=UTC,
        is_large=True,
        key="movement_id",
        code="kind",
        required="points",
        number="points",
        event="moved_at",
    ),
    Feed("loyalty", "benefits", table("benefits"), delimiter="\t"),
    Feed(
        "finance",
        "invoices",
        table("invoices"),
        key="invoice_id",
        required="due_on",
        number="amount",
        event="issued_on",
    ),
    Feed("finance", "exchange_rates", table("rates")),
)
