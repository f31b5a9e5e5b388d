"""The SQL of the dbt project as text, without dbt and without a database.

Jinja is rendered as dbt would, but a call of `adapter.dispatch('name')(…)` stands as
an opaque `dispatched__name(…)`: what is left is the text that every engine gets alike.
Each stretch of it knows the file and line that it came from, macros or not.
"""

from __future__ import annotations

import bisect
import functools
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import jinja2
import sqlglot
import yaml
from jinja2.ext import Extension
from jinja2.lexer import Token
from sqlglot import exp

PROJECT = Path(__file__).parents[1] / "dbt_project"
IMPLEMENTATION = re.compile(r"(default|duckdb|spark)__(\w+)")
QUERY = re.compile(r"(with|select|from|values)\b", re.IGNORECASE)
STATEMENT = re.compile(
    r"(create|drop|alter|insert|delete|update|merge|set|refresh|msck)\b", re.IGNORECASE
)
MACRO = re.compile(r"{%-?\s*macro\s+(\w+)")
STAR = re.compile(r"((\w+)\.)?\*")

# Characters of no language carry the origin of a text through the rendering: of a line,
# and of an argument, after which the line goes on.
LINE = re.compile("\ue000([0-9]+)\ue001")
MARK = re.compile("\ue000([0-9]+)\ue001|\ue002([0-9]+)\ue003|\ue004")


@dataclass(frozen=True, order=True)
class Place:
    """A line of a source file."""

    path: Path
    line: int


@dataclass(frozen=True)
class Sql:
    """A rendered text that knows where each part of it was written."""

    path: Path
    text: str
    offsets: tuple[int, ...]
    places: tuple[Place, ...]

    def place(self, offset: int) -> Place:
        """The source line of a position in the text."""
        index = bisect.bisect_right(self.offsets, offset) - 1
        return self.places[index] if index >= 0 else Place(self.path, 1)


class Unrenderable(Exception):
    """Jinja that cannot be rendered without dbt, or not at all."""

    def __init__(self, place: Place, reason: str) -> None:
        super().__init__(reason)
        self.place = place


class Returned(Exception):
    """The value of dbt's `return()` on its way out of a macro."""

    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


def render(text: str, engine: str) -> str:
    """Jinja as the SQL that one engine gets, its own text of each macro within."""
    return engine_project(engine).render(PROJECT / "text.sql", text=text).text


@functools.cache
def engine_project(engine: str) -> DbtProject:
    """The project whose macros write for one engine."""
    return DbtProject(engine=engine)


class This:
    """The table of the model that is being rendered."""

    database, schema = "warehouse", "refs"

    def __init__(self, model: dict[str, object]) -> None:
        self.model = model

    @property
    def name(self) -> str:
        """The bare name of the table."""
        return str(self.model["name"])

    identifier = table = name

    def __str__(self) -> str:
        return f"refs.{self.name}"


class NoRows:
    """The answer to a query that is never asked."""

    rows = columns = ()

    def __iter__(self) -> Iterator:
        return iter(())


class DbtTags(Extension):
    """Marks each text with its line, and reads dbt's own tags as macros."""

    def filter_stream(self, stream):
        """The tokens of a file, with its marks and as plain Jinja."""
        project = self.environment.project
        path = Path(stream.filename or "text")
        is_output, tokens = False, iter(stream)
        for token in tokens:
            if token.type == "data":
                yield Token(
                    token.lineno,
                    "data",
                    project.marked(token.value, path, token.lineno),
                )
            elif token.type == "variable_begin":
                is_output = True
                yield Token(token.lineno, "data", project.mark(path, token.lineno))
                yield token
            elif token.type == "string" and is_output and "(" in token.value:
                mark = project.mark(path, token.lineno)
                number = mark[1:-1]
                text = f"\ue002{number}\ue003{token.value}\ue004"
                yield Token(token.lineno, "string", text)
            elif token.type == "block_begin":
                is_output = False
                yield token
                yield from self.tag(tokens)
            else:
                yield token

    @staticmethod
    def tag(tokens: Iterator[Token]) -> Iterator[Token]:
        """The name of a tag; of one that defines a macro also the macro's."""
        tag = next(tokens)
        if tag.value in ("endtest", "endmaterialization"):
            yield Token(tag.lineno, "name", "endmacro")
        elif tag.value in ("macro", "test", "materialization"):
            yield Token(tag.lineno, "name", "macro")
            name = next(tokens)
            # Its calls go to the globals, where `return` is understood, as in dbt.
            kind = "macro" if tag.value == "macro" else tag.value
            yield Token(name.lineno, "name", f"{kind}__{name.value}")
            if tag.value == "materialization":
                for token in tokens:
                    if token.type == "block_end":
                        yield Token(token.lineno, "lparen", "(")
                        yield Token(token.lineno, "rparen", ")")
                        yield token
                        break
        else:
            yield tag


class DbtProject:
    """The macros, models, tests and contracts of the project, ready to be rendered."""

    def __init__(self, folder: Path = PROJECT, engine: str | None = None) -> None:
        self.folder = folder
        self.engine = engine
        self.places: list[Place] = []
        self.place_numbers: dict[Place, int] = {}
        self.model: dict[str, object] = {"name": "model", "config": {}, "meta": {}}
        self.incremental = False
        self.asked: list[str] = []
        self.bodies: dict[str, str] = {}
        self.macros: dict[str, Callable] = {}
        self.broken: list[Unrenderable] = []
        self.templates: dict[Path, jinja2.Template] = {}
        self.properties = {
            path: self.yaml(path) for path in sorted((folder / "models").rglob("*.yml"))
        }
        self.sources = {
            f"source.{table['name']}": source_node(table)
            for properties in self.properties.values()
            for source in properties.get("sources", [])
            for table in source["tables"]
        }
        self.environment = jinja2.Environment(
            extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols", DbtTags],
            undefined=jinja2.StrictUndefined,
            autoescape=False,
        )
        self.environment.project = self
        self.environment.globals |= self._globals()
        files = [
            *sorted((folder / "macros").rglob("*.sql")),
            *sorted((folder / "tests" / "generic").rglob("*.sql")),
        ]
        # A module keeps the globals that it was loaded with, so all names come first.
        for path in files:
            for name in MACRO.findall(path.read_text()):
                self.environment.globals[name] = self._caller(name)
        for path in files:
            self._load(path)

    @staticmethod
    def yaml(path: Path) -> dict:
        """A YAML file whose texts know their lines."""
        return yaml.load(path.read_text(), LinedYaml) or {}

    # ---------------------------------------------------------------- places

    def mark(self, path: Path, line: int) -> str:
        """What stands in a rendered text where this line begins."""
        place = Place(path, line)
        if place not in self.place_numbers:
            self.place_numbers[place] = len(self.places)
            self.places.append(place)
        return f"\ue000{self.place_numbers[place]}\ue001"

    def marked(self, text: str, path: Path, line: int) -> str:
        """A text with the mark of each of its lines."""
        return "".join(
            self.mark(path, line + index) + part
            for index, part in enumerate(text.splitlines(keepends=True))
        )

    def unmarked(self, path: Path, text: str) -> Sql:
        """A rendered text without its marks, and with what they told."""
        parts, offsets, places, length, end = [], [], [], 0, 0
        lines = [Place(path, 1)]
        for mark in MARK.finditer(text):
            parts.append(text[end : mark.start()])
            length += mark.start() - end
            line, argument_line = mark.groups()
            if line:
                lines[-1] = self.places[int(line)]
            elif argument_line:
                lines.append(self.places[int(argument_line)])
            elif len(lines) > 1:
                lines.pop()
            offsets.append(length)
            places.append(lines[-1])
            end = mark.end()
        parts.append(text[end:])
        return Sql(path, "".join(parts), tuple(offsets), tuple(places))

    # ------------------------------------------------------------- rendering

    def render(
        self, path: Path, *, incremental: bool = False, text: str | None = None
    ) -> Sql:
        """A model or test as SQL."""
        source = path.read_text() if text is None else text
        self.model["name"] = path.stem
        return self._rendered(
            path, lambda: self._template(source, path).render(), incremental
        )

    def call(self, name: str, path: Path, *args: object, **kwargs: object) -> Sql:
        """What a macro gives for these arguments; `test_…` is a generic test."""
        return self._rendered(path, lambda: self.macros[name](*args, **kwargs))

    def _rendered(
        self, path: Path, render: Callable[[], object], incremental: bool = False
    ) -> Sql:
        self.incremental = incremental
        try:
            return self.unmarked(path, str(render()))
        except Unrenderable:
            raise
        except Exception as error:  # whatever Jinja runs into, it is the file's
            place = self._failed_at(path, error)
            raise Unrenderable(place, f"{type(error).__name__}: {error}") from error

    @staticmethod
    def _failed_at(path: Path, error: Exception) -> Place:
        if isinstance(error, jinja2.TemplateSyntaxError):
            return Place(path, error.lineno)
        trace, place = error.__traceback__, Place(path, 1)
        while trace:
            file = Path(trace.tb_frame.f_code.co_filename)
            if file.suffix == ".sql":
                place = Place(file, trace.tb_lineno)
            trace = trace.tb_next
        return place

    def _template(self, source: str, path: Path) -> jinja2.Template:
        code = self.environment.compile(source, str(path), str(path))
        self.templates[path] = jinja2.Template.from_code(
            self.environment, code, self.environment.globals
        )
        return self.templates[path]

    def _load(self, path: Path) -> None:
        try:
            module = self._template(path.read_text(), path).module
        except jinja2.TemplateError as error:
            place = self._failed_at(path, error)
            self.broken.append(Unrenderable(place, str(error)))
            return
        for attribute, macro in vars(module).items():
            kind, _, name = attribute.partition("__")
            if kind in ("macro", "test"):
                name = name if kind == "macro" else f"test_{name}"
                self.macros[name] = returning(macro)
        # What a dispatching macro is given was written where its caller stands.
        for name in {name.partition("__")[2] for name in self.macros}:
            if name in self.macros and not hasattr(self.macros[name], "unmarked"):
                self.macros[name] = unmarked(self.macros[name])

    def _caller(self, name: str) -> Callable:
        return lambda *args, **kwargs: self.macros[name](*args, **kwargs)

    # ------------------------------------------------------ what dbt provides

    def _globals(self) -> dict[str, object]:
        return {
            "adapter": Adapter(self),
            "api": SimpleNamespace(),
            "builtins": {},
            "config": Config(),
            "dbt": DbtMacros(),
            "env_var": lambda name, default="": default,
            "exceptions": SimpleNamespace(
                raise_compiler_error=self._compiler_error, warn=lambda *_: ""
            ),
            "execute": True,
            "flags": SimpleNamespace(WHICH="build", FULL_REFRESH=False),
            "fromjson": json.loads,
            "graph": {"sources": self.sources, "nodes": {}, "exposures": {}},
            "invocation_id": "00000000-0000-0000-0000-000000000000",
            "is_incremental": lambda: self.incremental,
            "log": lambda *_, **__: "",
            "model": self.model,
            "print": lambda *_: "",
            "ref": lambda *names, **_: f"refs.{names[-1]}",
            "return": self._return,
            "run_query": self._run_query,
            "source": lambda source, table: f"{source}.{table}",
            "statement": lambda *_, caller, **__: self._run_query(caller()) and "",
            "load_result": lambda *_: {"data": [], "table": NoRows()},
            "target": SimpleNamespace(
                database="warehouse", schema="refs", type="any", name="any", threads=1
            ),
            "this": This(self.model),
            "tojson": json.dumps,
            "toyaml": yaml.safe_dump,
            "var": lambda name, default="": default,
            "zip": zip,
        }

    @staticmethod
    def _return(value: object = None) -> None:
        raise Returned(value)

    @staticmethod
    def _compiler_error(message: str) -> None:
        raise jinja2.TemplateRuntimeError(message)

    def _run_query(self, sql: str) -> NoRows:
        self.asked.append(self._asker() + str(sql))
        return NoRows()

    def _asker(self) -> str:
        """The mark of the line of Jinja that is being run."""
        frame = sys._getframe()
        while frame:
            template = frame.f_globals.get("__jinja_template__")
            file = Path(frame.f_code.co_filename)
            if template is None and file.suffix == ".sql":
                template = self.templates[file]
            if template is not None:
                return self.mark(
                    file, template.get_corresponding_lineno(frame.f_lineno)
                )
            frame = frame.f_back
        return ""

    def dispatched(self, name: str, args: tuple, kwargs: dict) -> object:
        """What stands for an engine's own text: a call that says only its arguments."""
        if self.engine:
            own = f"{self.engine}__{name}"
            return self.macros[own if own in self.macros else f"default__{name}"](
                *args, **kwargs
            )
        for engine in ("default", "duckdb", "spark"):
            if implementation := self.macros.get(f"{engine}__{name}"):
                asked = len(self.asked)
                body = implementation(*args, **kwargs)
                del self.asked[asked:]  # an engine's own statements are its own
                break
        else:
            body = "scalar"
        if not isinstance(body, str):
            return body
        text = MARK.sub("", body).strip()
        self.bodies.setdefault(f"dispatched__{name}", text)
        arguments = ", ".join(argument(value) for value in [*args, *kwargs.values()])
        opaque = f"dispatched__{name}({arguments})"
        if not text or STATEMENT.match(text) or text.startswith("--"):
            return ""
        if QUERY.match(text):
            return f"select * from {opaque}"
        if star := STAR.match(text):
            return star.group(0)
        return text if is_type(text) else opaque


class Adapter:
    """dbt's `adapter`, as far as SQL that every engine gets may use it."""

    def __init__(self, project: DbtProject) -> None:
        self.project = project

    def dispatch(self, name: str, *_: str, **__: str) -> Callable:
        """A call that stands for what each engine writes in its own way."""
        return lambda *args, **kwargs: self.project.dispatched(name, args, kwargs)

    def type(self) -> str:
        """No engine: who asks is told of by the rule `engine-branch`."""
        return self.project.engine or "any"

    def get_relation(self, *_: object, **__: object) -> None:
        """No table is there."""

    def get_columns_in_relation(self, *_: object) -> list:
        """No table is there, so it has no columns."""
        return []


class Config(SimpleNamespace):
    """dbt's `config`: settings are no SQL."""

    def __call__(self, **_: object) -> str:
        return ""

    def get(self, name: str, default: object = None) -> object:
        """A setting that nobody has made."""
        return default

    require = get


class DbtMacros:
    """dbt's own macros, each of which is dispatched to the engine."""

    def __getattr__(self, name: str) -> Callable:
        if name == "type_string":
            return lambda: "string"
        return lambda *args: f"dispatched__{name}({', '.join(map(argument, args))})"


class LinedYaml(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML whose texts know their lines."""


class LinedText(str):
    """A text of a YAML file."""

    line = 1


def lined_text(loader: yaml.Loader, node: yaml.ScalarNode) -> LinedText:
    """A text with the line where it begins."""
    text = LinedText(loader.construct_scalar(node))
    text.line = node.start_mark.line + 1 + (node.style in ("|", ">"))
    return text


LinedYaml.add_constructor("tag:yaml.org,2002:str", lined_text)


def source_node(table: dict) -> dict:
    """A raw table as dbt's graph shows it: its contract, and its columns'."""
    return {
        "name": str(table["name"]),
        "config": {"meta": plain(table.get("config", {}).get("meta", {}))},
        "columns": {
            str(column["name"]): {
                "name": str(column["name"]),
                "config": {"meta": plain(column.get("config", {}).get("meta", {}))},
            }
            for column in table.get("columns", [])
        },
    }


def plain(value: object) -> object:
    """A value of YAML without its lines."""
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, LinedText) else value


def returning(macro: Callable) -> Callable:
    """A macro whose `return` gives its value, as in dbt."""

    @functools.wraps(macro)
    def called(*args: object, **kwargs: object) -> object:
        try:
            return macro(*args, **kwargs)
        except Returned as returned:
            return returned.value

    return called


def unmarked(macro: Callable) -> Callable:
    """A macro whose text counts as written where it is called."""

    @functools.wraps(macro)
    def called(*args: object, **kwargs: object) -> object:
        value = macro(*args, **kwargs)
        return LINE.sub("", value) if isinstance(value, str) else value

    called.unmarked = True
    return called


def argument(value: object) -> str:
    """A macro's argument within an opaque call: SQL as it is, all else quoted."""
    if value is None or isinstance(value, dict | jinja2.Undefined):
        return "null"
    if isinstance(value, list | tuple):
        return ", ".join(argument(item) for item in value) or "null"
    text = str(value)
    bare = MARK.sub("", text)
    # A form such as [0-9] would read as a list.
    if is_expression(bare) and not bare.startswith("["):
        return text
    return "'" + bare.replace("'", "''").replace("\\", "") + "'"


@functools.cache
def is_expression(text: str) -> bool:
    """Whether a text reads as one SQL expression."""
    try:
        tree = sqlglot.parse_one(f"select ({text})", dialect="duckdb")
    except sqlglot.errors.SqlglotError:
        return False
    return bool(text.strip()) and len(tree.expressions) == 1


@functools.cache
def is_type(text: str) -> bool:
    """Whether a text is the name of a type."""
    try:
        return not exp.DataType.build(text, dialect="duckdb").is_type("unknown")
    except (sqlglot.errors.SqlglotError, ValueError):
        return False
