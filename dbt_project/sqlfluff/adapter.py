"""What sqlfluff's own dbt built-ins lack: `adapter.dispatch`, choosing as on DuckDB."""

from jinja2 import pass_context


@pass_context
def dispatch(context, macro):
    return context.resolve(f"default__{macro}")
