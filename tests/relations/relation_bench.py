"""RelationBench's prompts and their predicates, as the package has them."""

from vivant.evaluation.benchmarks.relationbench import prompts, table

SHORT, LONG = prompts("short"), prompts("long")
PREDICATES = [row["predicate"] for row in table()]
