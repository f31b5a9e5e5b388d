"""What differs between DuckDB and Spark, as rules on the text that both are given.

Each rule yields where in the text it applies and one sentence: what differs, and what
to write instead. Types are told as far as casts show them (`engines.kinds`); a rule
that needs one and cannot tell it asks for the cast. All was tried on DuckDB 1.5 and
Spark 4.3 without ANSI mode, as dbt-spark runs it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import sqlglot
from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from engines.kinds import Kinds

DUCKDB = sqlglot.Dialect.get_or_raise("duckdb")

Finding = tuple[str, int, str]


@dataclass(frozen=True)
class Statement:
    """A statement as the rules see it."""

    text: str
    tokens: list[Token]
    trees: list[exp.Expression]
    kinds: Kinds

    def word(self, index: int) -> str:
        """A token in lower case, empty beyond the last."""
        if not 0 <= index < len(self.tokens):
            return ""
        token = self.tokens[index]
        quoted = token.token_type in (TokenType.STRING, TokenType.IDENTIFIER)
        return "" if quoted else token.text.lower()

    def nodes(self, *types: type[exp.Expression]) -> Iterator[exp.Expression]:
        """All parts of the statement that are of these types."""
        for kind, found in self.by_class.items():
            if issubclass(kind, types):
                yield from found

    @cached_property
    def by_class(self) -> dict[type, list[exp.Expression]]:
        """All parts of the statement, found in one walk."""
        found: dict[type, list[exp.Expression]] = {}
        for tree in self.trees:
            for node in tree.walk():
                found.setdefault(type(node), []).append(node)
        return found


def offset(node: exp.Expression) -> int:
    """Where a part of a statement stands: at its first word that knows."""
    starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
    if starts:
        return min(starts)
    return offset(node.parent) if node.parent else 0


# ------------------------------------------------------------------ order and windows

ORDERED_FUNCTIONS = (
    exp.RowNumber | exp.Rank | exp.DenseRank | exp.PercentRank | exp.CumeDist | exp.Lag
    | exp.Lead | exp.FirstValue | exp.LastValue | exp.NthValue | exp.Ntile
)  # fmt: skip


def named_window(window: exp.Window) -> exp.Window | None:
    """The definition that `over so_far` refers to."""
    if not window.alias:
        return None
    select = window.find_ancestor(exp.Select)
    for definition in (select.args.get("windows") if select else None) or []:
        if definition.this.name == window.alias:
            return definition
    return None


def window_order(statement: Statement) -> Iterator[Finding]:
    """A window whose rows have no order."""
    for window in statement.nodes(exp.Window):
        if isinstance(window.parent, exp.Select) and window.arg_key == "windows":
            definition, function = window, None
        else:
            definition, function = named_window(window) or window, window.this
        while isinstance(function, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
            function = function.this
        if definition.args.get("order") or window.args.get("order"):
            continue
        if isinstance(function, ORDERED_FUNCTIONS):
            yield (
                "window-order", offset(window),
                f"`{function.sql_name().lower()}` without `order by` takes rows as "
                "they come; order by what is unique within the partition",
            )  # fmt: skip
        elif definition.args.get("spec"):
            yield (
                "window-order", offset(window),
                "a frame without `order by` holds whichever rows come; order it",
            )  # fmt: skip


ENDS_ORDER = {
    "rows", "range", "groups", "limit", "offset", "fetch", "union", "union all",
    "except", "intersect", "qualify", "window", "separator", ";",
}  # fmt: skip


def nulls_order(statement: Statement) -> Iterator[Finding]:
    """A term of ORDER BY that does not say where nulls go."""
    for start, token in enumerate(statement.tokens):
        if token.token_type != TokenType.ORDER_BY:
            continue
        depth, first, index = 0, start + 1, start + 1
        while True:
            kind = (
                statement.tokens[index].token_type
                if index < len(statement.tokens)
                else TokenType.SEMICOLON
            )
            ends = depth == 0 and (
                kind in (TokenType.R_PAREN, TokenType.SEMICOLON)
                or statement.word(index) in ENDS_ORDER
            )
            if ends or (depth == 0 and kind == TokenType.COMMA):
                if index > first and not (
                    statement.word(index - 2) == "nulls"
                    and statement.word(index - 1) in ("first", "last")
                ):
                    begin, end = statement.tokens[first], statement.tokens[index - 1]
                    term = " ".join(statement.text[begin.start : end.end + 1].split())
                    yield (
                        "nulls-order", begin.start,
                        f"nulls of `{shortened(term)}` come last on DuckDB and first "
                        "on Spark; write `nulls last` or `nulls first`",
                    )  # fmt: skip
                first = index + 1
            if ends:
                break
            depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
            index += 1


def shortened(text: str) -> str:
    """A text as it fits into a sentence."""
    return text if len(text) <= 40 else f"{text[:39]}…"


def ignore_nulls(statement: Statement) -> Iterator[Finding]:
    """A window function that passes over nulls."""
    for node in statement.nodes(exp.IgnoreNulls, exp.RespectNulls):
        yield (
            "ignore-nulls", offset(node),
            "`ignore nulls` stands within the brackets on DuckDB, behind them on "
            "Spark; use a dispatched macro",
        )  # fmt: skip


def ntile(statement: Statement) -> Iterator[Finding]:
    """Groups of equal size."""
    for node in statement.nodes(exp.Ntile):
        yield (
            "ntile", offset(node),
            "`ntile` splits ties as they come; compute the group from a `row_number` "
            "with a unique order",
        )  # fmt: skip


def limit_order(statement: Statement) -> Iterator[Finding]:
    """The first rows of no order."""
    for query in statement.nodes(exp.Query):
        if not isinstance(query, exp.Select | exp.SetOperation):
            continue
        limited = query.args.get("limit") or query.args.get("offset")
        if limited and not query.args.get("order"):
            yield (
                "limit-order", offset(limited),
                "`limit` without `order by` keeps whichever rows come; order by what "
                "is unique",
            )  # fmt: skip


# ---------------------------------------------------------------------------- numbers


def division(statement: Statement) -> Iterator[Finding]:
    """A division of which neither side is visibly a double."""
    for node in statement.nodes(exp.Div, exp.IntDiv, exp.Mod):
        left, right = statement.kinds.of(node.this), statement.kinds.of(node.expression)
        if isinstance(node, exp.IntDiv):
            yield (
                "integer-division", offset(node),
                "Spark has no `//`; write `floor(cast(… as double) / …)`",
            )  # fmt: skip
        elif isinstance(node, exp.Mod):
            if not left == right == "integer":
                yield (
                    "modulo", offset(node),
                    "`%` of decimals differs in type; cast both sides to bigint",
                )  # fmt: skip
        elif "double" not in (left, right) and not left == right == "integer":
            yield (
                "division", offset(node),
                f"`{shortened(plain(node))}` is a double on DuckDB and, of decimals, a "
                "rounded decimal on Spark; cast one side to double",
            )  # fmt: skip


def is_never_zero(node: exp.Expression) -> bool:
    """Whether a divisor is visibly null or another number than zero."""
    node = node.unnest()
    if isinstance(node, exp.Cast | exp.TryCast):
        return is_never_zero(node.this)
    if isinstance(node, exp.Literal):
        return node.is_string or float(node.this) != 0
    if isinstance(node, exp.Nullif):
        return node.expression.sql() == "0"
    if isinstance(node, exp.Mul):
        return is_never_zero(node.this) and is_never_zero(node.expression)
    if isinstance(node, exp.Greatest):
        numbers = [part.unnest() for part in [node.this, *node.expressions]]
        return any(isinstance(n, exp.Literal) and float(n.this) > 0 for n in numbers)
    return False


def excludes_zero(condition: exp.Expression, divisor: str) -> bool:
    """Whether a condition that holds says that this is not zero."""
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        return excludes_zero(condition.this, divisor) or excludes_zero(
            condition.expression, divisor
        )
    if not isinstance(condition, exp.GT | exp.GTE | exp.NEQ):
        return False
    bound = condition.expression
    if condition.this.unnest().sql() != divisor or not isinstance(bound, exp.Literal):
        return False
    return isinstance(condition, exp.GT | exp.NEQ) or bound.this != "0"


def is_guarded(division: exp.Div) -> bool:
    """Whether a `case` or `where` around a division keeps zero away from it."""
    divisor = division.expression.unnest()
    while isinstance(divisor, exp.Cast):
        divisor = divisor.this.unnest()
    at: exp.Expression = division
    while at.parent and not isinstance(at, exp.Select):
        is_branch = isinstance(at.parent, exp.If) and at.arg_key == "true"
        if is_branch and excludes_zero(at.parent.this, divisor.sql()):
            return True
        at = at.parent
    where = at.args.get("where") if isinstance(at, exp.Select) else None
    inside = where is not None and division.find_ancestor(exp.Where) is where
    return bool(where) and not inside and excludes_zero(where.this, divisor.sql())


def zero_divisor(statement: Statement) -> Iterator[Finding]:
    """A division by what may be zero."""
    for node in statement.nodes(exp.Div):
        if not is_never_zero(node.expression) and not is_guarded(node):
            yield (
                "zero-divisor", offset(node),
                f"`{shortened(plain(node))}` by zero is infinite on DuckDB and null on "
                "Spark; divide by `nullif(…, 0)`",
            )  # fmt: skip


def decimals(statement: Statement) -> Iterator[Finding]:
    """Decimals from doubles, and products of decimals."""
    for cast in statement.nodes(exp.Cast, exp.TryCast):
        of_double = statement.kinds.of(cast.this) == "double"
        if (
            statement.kinds.of_type(cast.to) == "decimal"
            and of_double
            and not is_rounded(cast.this)
        ):
            yield (
                "decimal-of-double", offset(cast),
                "DuckDB rounds a double's binary value and Spark its shortest digits; "
                "round first: `cast(floor(x * 100 + 0.5) / 100 as decimal(…, 2))`",
            )  # fmt: skip
    for node in statement.nodes(exp.Round):
        if node.args.get("decimals") and statement.kinds.of(node.this) == "double":
            yield (
                "decimal-of-double", offset(node),
                "DuckDB rounds a double's binary value and Spark its shortest digits; "
                "write `floor(x * 100 + 0.5) / 100`",
            )  # fmt: skip
    for node in statement.nodes(exp.Mul):
        sides = (node.this.unnest(), node.expression.unnest())
        if {statement.kinds.of(side) for side in sides} != {"decimal"}:
            continue
        digits = [visible_digits(side) for side in sides]
        if None in digits or sum(digits) + 1 > 38:
            yield (
                "decimal-product", offset(node),
                f"`{shortened(plain(node))}` drops digits on Spark where both have "
                "more than 37 together; cast each to decimals that fit",
            )  # fmt: skip


def is_rounded(node: exp.Expression) -> bool:
    """Whether a double is visibly a whole number, or one divided by a power of ten."""
    node = node.unnest()
    if isinstance(node, WHOLE):
        return not node.args.get("decimals")
    return (
        isinstance(node, exp.Div)
        and is_rounded(node.this)
        and isinstance(node.expression, exp.Literal)
        and re.fullmatch(r"10+", node.expression.this) is not None
    )


def visible_digits(node: exp.Expression) -> int | None:
    """The digits of a decimal that a cast or a literal shows."""
    if isinstance(node, exp.Literal):
        return len(node.this.replace(".", ""))
    if isinstance(node, exp.Neg):
        return visible_digits(node.this)
    if isinstance(node, exp.Cast) and node.to.expressions:
        return int(node.to.expressions[0].name)
    return None


def average(statement: Statement) -> Iterator[Finding]:
    """A mean or a median of what is not visibly a double."""
    for node in statement.nodes(
        exp.Avg, exp.Median, exp.PercentileCont, exp.PercentileDisc, exp.Quantile,
        exp.ApproxQuantile, exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance,
        exp.VariancePop,
    ):  # fmt: skip
        values = [node.this]
        if isinstance(node, exp.PercentileCont | exp.PercentileDisc):
            within = node.find_ancestor(exp.WithinGroup)
            terms = within.expression.expressions if within else []
            values = [term.this for term in terms]
        for value in values:
            if isinstance(value, exp.Distinct):
                value = value.expressions[0]
            if statement.kinds.of(value) != "double":
                yield (
                    "average", offset(node),
                    f"`{node.sql_name().lower()}` of a decimal is rounded differently; "
                    "cast what it takes to double",
                )  # fmt: skip


def sum_boolean(statement: Statement) -> Iterator[Finding]:
    """A sum of truths."""
    for node in statement.nodes(exp.Sum):
        value = node.this
        named = isinstance(value, exp.Column) and re.match(
            r"(is|has|was|can)_", value.name
        )
        if statement.kinds.of(value) == "boolean" or named:
            yield (
                "sum-boolean", offset(node),
                "Spark sums no booleans; write `count(case when … then 1 end)`",
            )  # fmt: skip


WHOLE = exp.Floor | exp.Ceil | exp.Round


def cast_rounds(statement: Statement) -> Iterator[Finding]:
    """A fraction cast to a whole number."""
    for cast in statement.nodes(exp.Cast, exp.TryCast):
        value = cast.this.unnest()
        to = statement.kinds.of_type(cast.to)
        kind = statement.kinds.of(value)
        if (
            to == "integer"
            and kind in ("double", "decimal")
            and not isinstance(value, WHOLE)
        ):
            yield (
                "cast-rounds", offset(cast),
                "a cast to a whole number rounds on DuckDB and cuts off on Spark; say "
                "`round`, `floor` or `ceil` inside it",
            )  # fmt: skip
        elif to == "text" and kind == "double":
            yield (
                "cast-text", offset(cast),
                "a double reads differently as text; cast it to a decimal first",
            )  # fmt: skip


# ------------------------------------------------------------------------------ types

TYPES = {
    "string", "bigint", "int", "integer", "smallint", "tinyint", "double", "decimal",
    "date", "timestamp", "boolean",
}  # fmt: skip


def types(statement: Statement) -> Iterator[Finding]:
    """A type that the engines do not share, and the short form of a cast."""
    depth, casts = 0, []
    for index, token in enumerate(statement.tokens):
        if token.token_type == TokenType.DCOLON:
            yield (
                "cast-colons", token.start,
                "write `cast(… as …)`; `::` is no cast that every engine reads",
            )  # fmt: skip
        elif token.token_type == TokenType.L_PAREN:
            depth += 1
            if statement.word(index - 1) in ("cast", "try_cast"):
                casts.append(depth)
            continue
        elif token.token_type == TokenType.R_PAREN:
            if casts and casts[-1] == depth:
                casts.pop()
            depth -= 1
            continue
        elif not (token.token_type == TokenType.ALIAS and casts and casts[-1] == depth):
            continue
        name, then = statement.word(index + 1), statement.word(index + 2)
        at = statement.tokens[index + 1].start
        if name in ("varchar", "text", "char"):
            yield (
                "type", at,
                f"`{name}` is no type on Spark; write `string`, which both read",
            )  # fmt: skip
        elif name not in TYPES or then == "[":
            yield (
                "type",
                at,
                f"`{name}` is not a type on both engines; use {sorted(TYPES)}",
            )
        elif name == "decimal" and then != "(":
            yield (
                "type", at,
                "`decimal` is (18, 3) on DuckDB and (10, 0) on Spark; say its digits",
            )  # fmt: skip


# -------------------------------------------------------------------------- functions

# Same name, same arguments and same values on both engines, found by trying; a type
# that differs (sum: hugeint or bigint) is settled by the cast of the output.
FUNCTIONS = {
    # groups
    "count", "sum", "min", "max", "avg", "median", "percentile_cont", "bool_and",
    "bool_or", "stddev_samp", "stddev_pop", "var_samp", "var_pop",
    # windows
    "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "lag", "lead",
    "first_value", "last_value", "nth_value",
    # any values
    "coalesce", "nullif", "greatest", "least", "cast", "try_cast",
    # numbers
    "abs", "floor", "ceil", "round", "sqrt", "sign", "mod",
    # texts
    "lower", "upper", "trim", "ltrim", "rtrim", "length", "left", "right", "substr",
    "substring", "replace", "translate", "lpad", "rpad", "repeat", "reverse",
    "contains", "split_part", "concat_ws", "chr", "ascii", "md5", "position", "instr",
    # days
    "date_trunc", "extract", "year", "quarter", "month", "day", "hour", "minute",
    "last_day", "make_date",
}  # fmt: skip

NO_FUNCTIONS = {
    "", "all", "and", "any", "as", "between", "by", "case", "char", "cross", "decimal",
    "distinct", "else", "except", "exists", "filter", "from", "group", "group by",
    "having", "ilike", "in", "intersect", "interval", "into", "is", "join", "key",
    "lateral", "like", "limit", "materialized", "not", "not materialized", "numeric",
    "offset", "on", "or", "order by", "over", "partition by", "qualify", "recursive",
    "return", "select", "set", "some", "table", "then", "union", "union all", "using",
    "values", "varchar", "when", "where", "window", "with", "within", "within group",
}  # fmt: skip

INSTEAD = {
    "concat": "`concat` skips nulls on DuckDB and is null on Spark; write `||`",
    "any_value": "`any_value` takes whichever row comes; use `min` or `max`",
    "first": "`first` takes whichever row comes; use `row_number` with a unique order",
    "last": "`last` takes whichever row comes; use `row_number` with a unique order",
    "arg_max": "of ties either row may come; use `row_number` with a unique order",
    "arg_min": "of ties either row may come; use `row_number` with a unique order",
    "max_by": "of ties either row may come, and DuckDB skips a null result; use "
    "`row_number` with a unique order",
    "min_by": "of ties either row may come, and DuckDB skips a null result; use "
    "`row_number` with a unique order",
    "array_agg": "lists keep nulls on one engine only, in any order; use `sorted_list`",
    "list": "lists keep nulls on one engine only, in any order; use `sorted_list`",
    "string_agg": "Spark has its own name and order for it; use `sorted_list`",
    "listagg": "its order and nulls differ; use `sorted_list`",
    "group_concat": "its order and nulls differ; use `sorted_list`",
    "unnest": "Spark explodes lists; use `split_items` or `each_number`",
    "generate_series": "Spark has no such function; use `days_between`",
    "to_months": "months are added differently; use `add_months`",
    "timezone": "Spark has no such function; use `business_day` or `utc_from_local`",
    "hash": "every engine hashes in its own way; use `row_hash`, or `md5`",
    "starts_with": "Spark calls it `startswith`; write `left(…) = …` or `like`",
    "power": "the last digits of powers differ; multiply instead",
    "pow": "the last digits of powers differ; multiply instead",
    "ln": "the last digits of logarithms differ; compare and round with room for that",
    "exp": "the last digits of powers differ; compare and round with room for that",
    "corr": "its last digits differ, and one row gives nan on DuckDB and null on Spark",
    "sha256": "Spark calls it `sha2`; use `keyed_hash`",
    "date_diff": "its units count differently; use `hours_between` or another macro",
    "datediff": "its units count differently; use `hours_between` or another macro",
    "dateadd": "it drops fractions on Spark; add days as integers, months by a macro",
}


def functions(statement: Statement) -> Iterator[Finding]:
    """A function that is not known to be the same on both engines."""
    for index, token in enumerate(statement.tokens[:-1]):
        if statement.tokens[index + 1].token_type != TokenType.L_PAREN:
            continue
        name = statement.word(index)
        if (
            not re.fullmatch(r"[a-z_]\w*", name)
            or name in NO_FUNCTIONS | FUNCTIONS
            or name.startswith("dispatched__")
            or names_columns(statement, index)
            or name == "ntile"
        ):
            continue
        instead = INSTEAD.get(
            name,
            f"`{name}` is not known to be the same on both engines; put it in a "
            "dispatched macro or, with a test on both, on the list in engines/rules.py",
        )
        rule = "concat" if name == "concat" else "function"
        if name in (
            "any_value",
            "first",
            "last",
            "arg_max",
            "arg_min",
            "max_by",
            "min_by",
        ):
            rule = "any-of-group"
        yield rule, token.start, instead


def names_columns(statement: Statement, index: int) -> bool:
    """Whether a name with brackets is a table's, with its columns: `as days (day)`."""
    if statement.word(index - 1) in ("as", "into"):
        return True
    if statement.word(index - 1) not in ("with", "recursive", ","):
        return False
    depth = 0
    for end in range(index + 1, len(statement.tokens)):
        depth += statement.word(end) == "("
        depth -= statement.word(end) == ")"
        if not depth:
            return statement.word(end + 1) == "as" and statement.word(end + 2) == "("
    return False


def texts(statement: Statement) -> Iterator[Finding]:
    """Functions of texts whose arguments or letters decide."""
    for node in statement.nodes(exp.Trim):
        if node.expression is None:
            yield (
                "trim", offset(node),
                "`trim` takes off all kinds of space on DuckDB, also full-width ones, "
                "and only the plain one on Spark; write `trim(both ' …' from x)`",
            )  # fmt: skip
    for node in statement.nodes(exp.Lower, exp.Upper):
        if not node.this.is_string:
            yield (
                "letter-case", offset(node),
                f"`{node.sql_name().lower()}` of a few letters (İ, ß, final Σ) "
                "differs; say in a comment why none comes, or use a dispatched macro",
            )  # fmt: skip
    for node in statement.nodes(exp.Left, exp.Right, exp.Substring, exp.Chr):
        if isinstance(node, exp.Left | exp.Right):
            wrong = isinstance(node.expression, exp.Neg)
        elif isinstance(node, exp.Substring):
            start = node.args.get("start")
            wrong = isinstance(start, exp.Literal) and start.this == "0"
        else:
            code = node.expressions[0]
            wrong = isinstance(code, exp.Literal) and int(code.this) > 127
        if wrong:
            yield (
                "text-argument", offset(node),
                f"`{plain(node)}` differs; count from 1, forwards, in ASCII",
            )  # fmt: skip


FIELDS = {"year", "quarter", "month", "day", "hour", "minute", "week"}
CLOCK_UNITS = {"hour", "minute", "second", "millisecond", "microsecond"}


def dates(statement: Statement) -> Iterator[Finding]:
    """Days and times counted in ways that only one engine has."""
    for node in statement.nodes(exp.Sub):
        sides = {statement.kinds.of(side) for side in (node.this, node.expression)}
        for kind, instead in (
            ("date", "a macro that gives whole days"),
            ("timestamp", "`hours_between`"),
        ):
            if sides == {kind}:
                yield (
                    "date-difference", offset(node),
                    f"`{shortened(plain(node))}` is a number or an interval, as the "
                    f"engine likes; use {instead}",
                )  # fmt: skip
    for node in statement.nodes(exp.Interval):
        shorter = str(node.args.get("unit")).lower().rstrip("s") in CLOCK_UNITS
        if shorter and isinstance(node.parent, exp.Add | exp.Sub):
            continue  # of a time, the same on both
        select = node.find_ancestor(exp.Select)
        others = select.find_all(exp.Interval) if select else [node]
        units = {str(other.args.get("unit")).upper() for other in others}
        yield (
            "interval", offset(node),
            ("DuckDB gives wrong results where one select adds days and months; "
             if {"DAY", "MONTH"} <= units
             else "a day plus an interval is a time on DuckDB and a day on Spark; ")
            + "add days as integers, months by `add_months`",
        )  # fmt: skip
    for node in statement.nodes(exp.Extract):
        field = node.this.name.lower()
        if field not in FIELDS:
            yield (
                "extract", offset(node),
                f"`extract({field} …)` counts differently; use {sorted(FIELDS)}",
            )  # fmt: skip
    for node in statement.nodes(exp.TimestampTrunc, exp.DateTrunc):
        parent = node.parent
        if not (isinstance(parent, exp.Cast) and not isinstance(parent, exp.TryCast)):
            yield (
                "date-trunc", offset(node),
                "`date_trunc` of a day is a day on DuckDB and a time on Spark; write "
                "`cast(date_trunc(…) as date)`",
            )  # fmt: skip
    for node in statement.nodes(exp.AtTimeZone):
        yield (
            "function", offset(node),
            "Spark has no `at time zone`; use `business_day` or `utc_from_local`",
        )  # fmt: skip


CLOCKS = {
    "current_date", "current_timestamp", "current_time", "localtimestamp", "localtime",
    "now", "today", "get_current_timestamp", "current_localtimestamp", "random", "rand",
    "uuid", "gen_random_uuid",
}  # fmt: skip


def clock(statement: Statement) -> Iterator[Finding]:
    """What is another value at every run."""
    for index, token in enumerate(statement.tokens):
        name = statement.word(index)
        called = statement.word(index + 1) == "("
        bare = (
            name.startswith(("current_", "local")) and statement.word(index - 1) != "."
        )
        if name in CLOCKS and (called or bare) and statement.word(index - 1) != "as":
            yield (
                "clock", token.start,
                f"`{name}` is another value at every run; read `run_parameters`",
            )  # fmt: skip


# ----------------------------------------------------------------------------- syntax


def quotes(statement: Statement) -> Iterator[Finding]:
    """Quotes and backslashes that one engine reads in its own way."""
    for token in statement.tokens:
        written = statement.text[token.start : token.end + 1]
        if token.token_type == TokenType.IDENTIFIER and written.startswith('"'):
            yield (
                "quoted-identifier", token.start,
                f"Spark reads {written} as a text; give it a name that needs no quotes",
            )  # fmt: skip
        elif token.token_type == TokenType.STRING and "\\" in written:
            yield (
                "backslash", token.start,
                "a backslash in a text escapes on Spark only; write `chr(…)`, or in a "
                "pattern `[.]`",
            )  # fmt: skip
        elif token.token_type in (TokenType.HEREDOC_STRING, TokenType.BYTE_STRING):
            yield "backslash", token.start, "Spark reads only texts in single quotes"
        elif written in OPERATORS:
            yield "syntax", token.start, OPERATORS[written]


OPERATORS = {
    "^": "Spark reads `^` as exclusive or; write `power(…)`",
    "**": "Spark has no `**`; write `power(…)`",
    "~": "`~` is no operator on Spark; use a dispatched macro",
    "!~": "`!~` is no operator on Spark; use a dispatched macro",
    "~~": "Spark has no `~~`; write `like`",
}

DUCKDB_ONLY: list[tuple[type[exp.Expression], str]] = [
    (exp.Lambda, "lambdas are written differently; use a dispatched macro"),
    (exp.Comprehension, "Spark has no list comprehension; use a dispatched macro"),
    (exp.Array, "Spark has no `[…]`; use rows, or a dispatched macro"),
    (exp.Struct, "Spark has no `{…}`; use columns"),
    (exp.Bracket, "lists count from 0 on Spark; use a dispatched macro"),
    (exp.Slice, "Spark has no slices; use `substr`"),
    (exp.Dot, "structs are read differently; use columns"),
    (exp.JSONExtract, "JSON is read differently; use a dispatched macro"),
    (exp.JSONExtractScalar, "JSON is read differently; use a dispatched macro"),
    (exp.SimilarTo, "Spark has no `similar to`; use a dispatched macro"),
    (exp.Glob, "Spark has no `glob`; use `like`"),
    (exp.Columns, "Spark has no `columns(…)`; name the columns"),
    (exp.Pivot, "pivots are written differently; use `case`"),
    (exp.TableSample, "a sample is another at every run"),
]


def syntax(statement: Statement) -> Iterator[Finding]:
    """What only DuckDB can read."""
    for types_, instead in DUCKDB_ONLY:
        for node in statement.nodes(types_):
            yield "syntax", offset(node), instead
    for node in statement.nodes(exp.Star):
        if any(node.args.get(key) for key in ("except_", "replace", "rename")):
            yield (
                "syntax", offset(node),
                "`exclude` and `replace` are DuckDB's; use `star_without`",
            )  # fmt: skip
    for node in statement.nodes(exp.Distinct):
        if node.args.get("on"):
            yield (
                "syntax", offset(node),
                "Spark has no `distinct on`; use `row_number` with a unique order",
            )  # fmt: skip
    for node in statement.nodes(exp.Group):
        if node.args.get("all"):
            yield "syntax", offset(node), "name the columns of `group by`"
    for node in statement.nodes(exp.Ordered):
        if isinstance(node.this, exp.Var) and node.this.name.upper() == "ALL":
            yield "syntax", offset(node), "name the columns of `order by`"
    for node in statement.nodes(exp.With):
        if node.args.get("recursive"):
            yield (
                "syntax", offset(node),
                "a deep recursion fails on Spark; use a dispatched macro",
            )  # fmt: skip
    for node in statement.nodes(exp.SetOperation):
        if node.args.get("by_name"):
            yield (
                "syntax",
                offset(node),
                "Spark has no `by name`; list the columns alike",
            )
    for node in statement.nodes(exp.Join):
        words = {str(node.args.get(key) or "").upper() for key in ("method", "kind")}
        if words & {"ASOF", "POSITIONAL"}:
            yield (
                "syntax", offset(node),
                f"Spark has no {' '.join(sorted(words)).strip().lower()} join; use "
                "`row_number` with a unique order",
            )  # fmt: skip
    for node in statement.nodes(exp.Values):
        if not node.args.get("alias") or not node.args["alias"].columns:
            yield (
                "values", offset(node),
                "columns of `values` are named differently; add `as name (column, …)`",
            )  # fmt: skip
    for node in statement.nodes(exp.Count):
        if isinstance(node.this, exp.Distinct) and len(node.this.expressions) > 1:
            yield "syntax", offset(node), "DuckDB counts one distinct column only"


def aliases(statement: Statement) -> Iterator[Finding]:
    """A new name of a select that it uses where only DuckDB knows it.

    Elsewhere the engines agree, also on which of an alias and an input column is meant.
    """
    for select in statement.nodes(exp.Select):
        names = {
            part.alias for part in select.expressions if isinstance(part, exp.Alias)
        }
        inputs = statement.kinds.inputs(select) if names else None
        if inputs is None:
            continue
        for column in select.find_all(exp.Column):
            if column.table or column.name not in names - inputs:
                continue
            inside = column.find_ancestor(
                exp.Select, exp.Window, exp.AggFunc, exp.Where
            )
            clause = column.find_ancestor(
                exp.Select, exp.Having, exp.Qualify, exp.Order
            )
            if (
                column.find_ancestor(exp.Select) is select
                and not isinstance(inside, exp.Select)
                and (not isinstance(clause, exp.Having | exp.Qualify))
            ):
                yield (
                    "alias", offset(column),
                    f"Spark does not know the alias `{column.name}` in a window, an "
                    "aggregate or a `where`; name it in a CTE before",
                )  # fmt: skip


def one_sided(statement: Statement) -> Iterator[Finding]:
    """A condition of an outer join on the side whose rows all stay.

    Spark hashes by the other conditions; DuckDB then compares every row with every row.
    """
    for join in statement.nodes(exp.Join):
        condition = join.args.get("on")
        if not join.side or condition is None:
            continue
        condition, joined = condition.unnest(), join.this.alias_or_name
        for part in (
            condition.flatten() if isinstance(condition, exp.And) else [condition]
        ):
            tables = {column.table for column in part.find_all(exp.Column)}
            if "" in tables or not tables:
                continue
            is_of_joined, is_of_others = joined in tables, bool(tables - {joined})
            if (join.side in ("LEFT", "FULL") and not is_of_joined) or (
                join.side in ("RIGHT", "FULL") and not is_of_others
            ):
                yield (
                    "one-sided-join", offset(part),
                    f"`{shortened(plain(part))}` looks at one side of the join: DuckDB "
                    "then compares every row with every row; make the key null where "
                    "it does not hold, or give the joined rows the column too",
                )  # fmt: skip


def plain(node: exp.Expression) -> str:
    """An expression as it reads in a sentence."""
    return node.sql(dialect="duckdb", normalize_functions="lower").lower()


RULES: list[Callable[[Statement], Iterator[Finding]]] = [
    window_order, nulls_order, ignore_nulls, ntile, limit_order, division, zero_divisor,
    decimals, average, sum_boolean, cast_rounds, types, functions, texts, dates, clock,
    quotes, syntax, aliases, one_sided,
]  # fmt: skip


def findings(text: str, kinds: Kinds) -> list[Finding]:
    """All that differs in a text, as (rule, position, sentence)."""
    try:
        tokens = DUCKDB.tokenize(text)
        trees = [tree for tree in DUCKDB.parser().parse(tokens, text) if tree]
    except sqlglot.errors.ParseError as error:
        line = error.errors[0].get("line", 1) if error.errors else 1
        start = sum(len(row) for row in text.splitlines(keepends=True)[: line - 1])
        told = error.errors[0]["description"] if error.errors else str(error)
        return [("unreadable", start, f"sqlglot cannot read this: {told}")]
    except sqlglot.errors.SqlglotError as error:
        return [("unreadable", 0, f"sqlglot cannot read this: {error}")]
    for tree in trees:
        if not isinstance(tree, exp.Query):
            told = (
                "only queries are the same on both engines; dispatch what runs others"
            )
            return [("statement", offset(tree), told)]
    statement = Statement(text, tokens, trees, kinds)
    return [finding for rule in RULES for finding in rule(statement)]
