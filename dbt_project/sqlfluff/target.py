"""The target that sqlfluff renders macros for."""

database = "warehouse"
