"""The worklist and the day's tasks as files that spreadsheet programs open, defused."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

# A cell that begins so may be run as a formula, also in its full-width form.
DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")
# What XML cannot hold.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
LONGEST_CELL = 32_767


@dataclass(frozen=True)
class Listing:
    """A mart as people get it: {column: (heading, width in the workbook)}.

    `long` are columns of sentences; `lists` says of which list a column's codes are.
    """

    mart: str
    order_by: str
    file: str
    title: str
    columns: dict[str, tuple[str, int]]
    long: tuple[str, ...]
    lists: dict[str, str]


# What both lists tell of a customer, and the lists that codes of both are of.
CUSTOMER = {
    "crm_customer_id": ("Customer · 客户编号", 16),
    "customer_name_masked": ("Name · 名称", 28),
    "region": ("Region · 区域", 12),
    "tier_code": ("Tier · 等级", 15),
    "lifecycle_stage": ("Stage · 生命周期阶段", 18),
}
CODES = {
    "tier_code": "tier",
    "lifecycle_stage": "lifecycle_stage",
    "action_code": "action",
}
WORKLIST = Listing(
    mart="churn_worklist",
    order_by="overall_rank",
    file="worklist.csv",
    title="Worklist 名单",
    columns={
        "overall_rank": ("Rank · 序号", 8),
        "owner_staff_id": ("Owner · 负责人", 12),
        "level": ("Level · 预警级别", 18),
        **CUSTOMER,
        "reasons_en": ("Why, when opened · 开立时原因（英文）", 48),
        "reasons_zh": ("Why in 中文 · 开立时原因", 40),
        "action_code": ("Do · 行动", 24),
        "due_on": ("Due · 期限", 12),
        "is_overdue": ("Overdue · 逾期", 10),
        "churn_probability": ("Probability of leaving · 流失概率", 12),
        "expected_loss_amount": ("Expected loss · 预计损失", 16),
        "opened_on": ("Opened · 开立日期", 12),
        "last_result_outcome": ("Last result · 上次结果", 18),
        "last_result_on": ("On · 结果日期", 12),
        "last_order_on": ("Last order · 最近购买", 12),
        "last_contacted_on": ("Last contact · 最近联系", 12),
        "open_ticket_count": ("Open requests · 未结工单", 12),
        "warning_id": ("Warning · 预警单号", 18),
    },
    long=("reasons_en", "reasons_zh"),
    lists={
        "level": "warning_level",
        **CODES,
        "last_result_outcome": "worklist_outcome",
    },
)
TASKS = Listing(
    mart="account_tasks",
    order_by="owner_staff_id nulls last, rank_of_owner",
    file="tasks.csv",
    title="The day 当日任务",
    columns={
        "owner_staff_id": ("Who · 负责人", 12),
        "rank_of_owner": ("Order · 顺序", 8),
        "task_kind": ("Task · 任务", 24),
        **CUSTOMER,
        "reason_en": ("Why · 原因（英文）", 48),
        "reason_zh": ("Why in 中文 · 原因", 40),
        "action_code": ("Do · 行动", 24),
        "due_on": ("Due · 期限", 12),
        "is_overdue": ("Overdue · 逾期", 10),
        "expected_loss_amount": ("Expected loss · 预计损失", 16),
        "account_manager_staff_id": ("Account manager · 客户经理", 14),
        "subject_id": ("About · 编号", 18),
    },
    long=("reason_en", "reason_zh"),
    lists={
        "task_kind": "task_kind",
        **CODES,
    },
)
LISTINGS = (WORKLIST, TASKS)
WORKBOOK = "worklist.xlsx"


def write_csv(listing: Listing, rows: list[dict], target: Path) -> None:
    """Columns by their own names; the mark at the start tells Excel: UTF-8."""
    names = list(listing.columns)
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(names)
        lines.writerows([defused(row[name]) for name in names] for row in rows)


def write_xlsx(
    found: list[tuple[Listing, list[dict]]],
    say: Callable[[str, str | None], str],
    day: date,
    target: Path,
) -> None:
    """A sheet a list, headings and codes in both languages; same rows, same bytes.

    `say` gives the words of a code of a list; `day` stands in for the time of writing.
    """
    book = Workbook(write_only=True)
    for listing, rows in found:
        add_sheet(book, listing, rows, say)
    whole = io.BytesIO()
    book.save(whole)
    target.write_bytes(dated(whole.getvalue(), day))


def add_sheet(
    book: Workbook,
    listing: Listing,
    rows: list[dict],
    say: Callable[[str, str | None], str],
) -> None:
    sheet = book.create_sheet(listing.title)
    sheet.freeze_panes = "A2"
    for number, (_, width) in enumerate(listing.columns.values(), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    last = get_column_letter(len(listing.columns))
    sheet.auto_filter.ref = f"A1:{last}{len(rows) + 1}"

    def styled(value: object, **style: object) -> WriteOnlyCell:
        cell = WriteOnlyCell(sheet, value)
        for name, wanted in style.items():
            setattr(cell, name, wanted)
        return cell

    bold, wrapped = Font(bold=True), Alignment(vertical="top", wrap_text=True)
    sheet.append(
        [
            styled(heading, font=bold, alignment=wrapped)
            for heading, _ in listing.columns.values()
        ]
    )
    for row in rows:
        told = row | {
            name: say(kind, row[name]) for name, kind in listing.lists.items()
        }
        cells = {name: defused(told[name]) for name in listing.columns}
        for name in listing.long:  # a style for each cell would take most of the time
            cells[name] = styled(cells[name], alignment=wrapped)
        sheet.append(list(cells.values()))


def defused(value: object) -> object:
    """A cell that no spreadsheet program runs; numbers and dates stay what they are."""
    if not isinstance(value, str):
        return value
    text = CONTROL.sub("", value)[: LONGEST_CELL - 1]
    return f"'{text}" if text.lstrip(" \u00a0\u3000").startswith(DANGEROUS) else text


def dated(book: bytes, day: date) -> bytes:
    """The same workbook with the day in place of every time of writing."""
    at = datetime(day.year, day.month, day.day)
    told = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as old,
        zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "docProps/core.xml":
                content = re.sub(
                    rb"(<dcterms:\w+ [^>]*>)[^<]*",
                    rb"\g<1>" + f"{at:%Y-%m-%dT%H:%M:%SZ}".encode(),
                    content,
                )
            entry = zipfile.ZipInfo(part.filename, at.timetuple()[:6])
            new.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return told.getvalue()
