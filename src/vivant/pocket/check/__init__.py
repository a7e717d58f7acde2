"""`vivant pocket check`: the family's figures on fresh prompts and scenes, with chance levels beside them."""

from vivant.pocket.check.report import Relation, Report, Row, relations_table, table
from vivant.pocket.check.run import run_check

__all__ = ["Relation", "Report", "Row", "relations_table", "run_check", "table"]
