"""What kind of value an expression is, as far as casts show it.

Kinds are `double`, `decimal`, `integer`, `boolean`, `date`, `timestamp` and `text`;
None is what cannot be told. A column is followed to the query that it comes from:
through CTEs and stars to the models behind `ref`, and there to their contract or casts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from sqlglot import exp

KINDS = {
    "double": "double", "float": "double", "decimal": "decimal", "date": "date",
    "bigint": "integer", "int": "integer", "smallint": "integer", "tinyint": "integer",
    "int128": "integer", "boolean": "boolean", "timestamp": "timestamp",
    "timestampntz": "timestamp", "text": "text", "varchar": "text",
}  # fmt: skip

BOOLEANS = (
    exp.Predicate | exp.And | exp.Or | exp.Not | exp.Boolean | exp.LogicalAnd
    | exp.LogicalOr
)  # fmt: skip
DOUBLES = (
    exp.Sqrt | exp.Ln | exp.Exp | exp.Pow | exp.Stddev | exp.StddevSamp | exp.StddevPop
    | exp.Variance | exp.VariancePop | exp.Corr | exp.PercentRank | exp.CumeDist
)  # fmt: skip
INTEGERS = (
    exp.Count | exp.RowNumber | exp.Rank | exp.DenseRank | exp.Ntile | exp.Length
    | exp.Extract | exp.Year | exp.Month | exp.Day | exp.Quarter
)  # fmt: skip
TEXTS = (
    exp.DPipe | exp.Concat | exp.ConcatWs | exp.Lower | exp.Upper | exp.Trim | exp.Left
    | exp.Right | exp.Substring | exp.Replace | exp.MD5 | exp.Chr | exp.SplitPart
)  # fmt: skip
SAME_AS_FIRST = (
    exp.Paren | exp.Neg | exp.Alias | exp.Max | exp.Min | exp.Sum | exp.Avg | exp.Median
    | exp.Abs | exp.Floor | exp.Ceil | exp.Round | exp.Window | exp.IgnoreNulls
    | exp.RespectNulls | exp.Filter | exp.FirstValue | exp.LastValue | exp.NthValue
    | exp.Nullif | exp.Distinct | exp.ArgMax | exp.ArgMin
)  # fmt: skip

DATE_NAME = re.compile(r"(.+_)?(on|date|day)$")
TIME_NAME = re.compile(r"(.+_)?at$")


def together(kinds: Iterable[str | None]) -> str | None:
    """The kind of what is now this, now that; nulls have any."""
    found = set(kinds) - {"null"}
    if len(found) == 1:
        return found.pop()
    if None not in found and found <= {"double", "decimal", "integer"}:
        return "double" if "double" in found else "decimal"
    return None


class Kinds:
    """Tells kinds, given how to find a model and the body of a dispatched macro."""

    def __init__(
        self,
        model: Callable[[str], dict[str, str] | exp.Expression | None] = lambda _: None,
        dispatched: Callable[[str], exp.Expression | None] = lambda _: None,
    ) -> None:
        self.model = model
        self.dispatched = dispatched
        self.known: dict[tuple[int, str], str | None] = {}
        self.named: dict[int, set[str] | None] = {}
        self.kept: list[exp.Expression] = []  # an id is no other's while it is here

    @staticmethod
    def of_type(to: exp.DataType) -> str | None:
        """The kind of a type."""
        return KINDS.get(to.this.value.lower()) if hasattr(to.this, "value") else None

    def of(self, node: exp.Expression | None) -> str | None:
        """The kind of an expression."""
        if node is None or isinstance(node, exp.Null):
            return "null"
        if isinstance(node, exp.Cast | exp.TryCast):
            return self.of_type(node.to)
        if isinstance(node, exp.Literal):
            if node.is_string:
                return "text"
            number = node.this.lower()
            return (
                "double" if "e" in number else "decimal" if "." in number else "integer"
            )
        for kind, types in (
            ("boolean", BOOLEANS), ("double", DOUBLES), ("integer", INTEGERS),
            ("text", TEXTS), ("date", exp.LastDay | exp.DateFromParts),
        ):  # fmt: skip
            if isinstance(node, types):
                return kind
        if isinstance(node, exp.Column):
            return self.of_column(node)
        if isinstance(node, exp.Anonymous):
            body = self.dispatched(node.name)
            return self.of(body) if body else None
        return self.of_compound(node)

    def of_compound(self, node: exp.Expression) -> str | None:
        """The kind of an expression that has it from its parts."""
        if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Mod):
            left, right = self.of(node.this), self.of(node.expression)
            if "double" in (left, right):
                return "double"
            if left == "date" and isinstance(node, exp.Add | exp.Sub):
                return None if right == "date" else "date"
            return together([left, right])
        if isinstance(node, exp.Div):
            left, right = self.of(node.this), self.of(node.expression)
            whole = left == right == "integer"
            return "double" if whole or "double" in (left, right) else None
        if isinstance(node, exp.Case):
            branches = [branch.args.get("true") for branch in node.args["ifs"]]
            return together(map(self.of, [*branches, node.args.get("default")]))
        if isinstance(node, exp.Coalesce | exp.Greatest | exp.Least):
            return together(map(self.of, [node.this, *node.expressions]))
        if isinstance(node, exp.Lag | exp.Lead):
            return together(map(self.of, [node.this, node.args.get("default")]))
        if isinstance(node, exp.Subquery | exp.Select):
            query = node.unnest()
            single = isinstance(query, exp.Select) and len(query.expressions) == 1
            return self.of(query.expressions[0]) if single else None
        if isinstance(node, exp.WithinGroup):
            return self.of(node.expression.expressions[0].this)
        if isinstance(node, SAME_AS_FIRST):
            first = node.expressions[0] if isinstance(node, exp.Distinct) else node.this
            return self.of(first)
        return None

    def of_column(self, column: exp.Column) -> str | None:
        """The kind of a column: as its query shows it, else as its name does."""
        select = column.find_ancestor(exp.Select)
        kind = None
        while select and kind is None:
            kind = self.of_name(select, column.name, column.table)
            select = select.find_ancestor(exp.Select) if kind is None else None
        if kind is not None:
            return kind
        if DATE_NAME.fullmatch(column.name):
            return "date"
        return "timestamp" if TIME_NAME.fullmatch(column.name) else None

    def inputs(self, select: exp.Select) -> set[str] | None:
        """The columns that a select may read, or None where some are not known."""
        joins = select.args.get("joins") or []
        origin = select.args.get("from_")
        found: set[str] = set()
        for source in [origin and origin.this, *(join.this for join in joins)]:
            if source is not None:
                columns = self.columns(self.query(source))
                if columns is None:
                    return None
                found |= columns
        return found

    def columns(self, query: exp.Expression | None) -> set[str] | None:
        """The columns that a query gives, or None where some are not known."""
        if isinstance(query, exp.SetOperation):
            return self.columns(query.left)
        if not isinstance(query, exp.Select):
            return None
        if id(query) not in self.named:
            self.kept.append(query)
            self.named[id(query)] = None
            found = {
                part.alias_or_name for part in query.expressions if not part.is_star
            }
            if any(part.is_star for part in query.expressions):
                read = self.inputs(query)
                self.named[id(query)] = None if read is None else found | read
            else:
                self.named[id(query)] = found
        return self.named[id(query)]

    def query(self, source: exp.Expression) -> exp.Expression | None:
        """The query behind a name in FROM, if it can be seen."""
        if isinstance(source, exp.Subquery):
            return source.unnest()
        if not isinstance(source, exp.Table):
            return None
        if source.db:
            model = self.model(source.name) if source.db == "refs" else None
            return model if isinstance(model, exp.Expression) else None
        at: exp.Expression | None = source
        while at is not None:
            with_ = at.args.get("with_")
            for cte in with_.expressions if with_ else []:
                if cte.alias == source.name:
                    return cte.this
            at = at.parent
        return None

    def of_name(self, select: exp.Select, name: str, table: str) -> str | None:
        """The kind of a column among those that a select reads."""
        joins = select.args.get("joins") or []
        origin = select.args.get("from_")
        for source in [origin and origin.this, *(join.this for join in joins)]:
            if source is not None and (not table or source.alias_or_name == table):
                kind = self.of_source(source, name)
                if kind is not None:
                    return kind
        return None

    def of_source(self, source: exp.Expression, name: str) -> str | None:
        """The kind of a column of a table, a CTE or a subquery."""
        if isinstance(source, exp.Table) and source.db == "refs":
            model = self.model(source.name)
            if isinstance(model, dict):
                return model.get(name)
        query = self.query(source)
        return self.of_output(query, name) if query is not None else None

    def of_output(self, query: exp.Expression, name: str) -> str | None:
        """The kind of a column that a query gives."""
        key = (id(query), name)
        if key not in self.known:
            self.kept.append(query)
            self.known[key] = None  # a model that reads itself tells nothing new
            self.known[key] = self._of_output(query, name)
        return self.known[key]

    def _of_output(self, query: exp.Expression, name: str) -> str | None:
        if isinstance(query, exp.Subquery):
            return self.of_output(query.this, name)
        if isinstance(query, exp.SetOperation):
            return together(
                self.of_output(side, name) for side in (query.left, query.right)
            )
        if not isinstance(query, exp.Select):
            return None
        for projection in query.expressions:
            if projection.alias_or_name == name and not projection.is_star:
                return self.of(projection)
        for projection in query.expressions:
            if projection.is_star:
                table = projection.table if isinstance(projection, exp.Column) else ""
                kind = self.of_name(query, name, table)
                if kind is not None:
                    return kind
        return None
