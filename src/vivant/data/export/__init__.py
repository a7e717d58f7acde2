"""A data set in the format of another tool: one file a format, one function for all."""

from vivant.data.export.run import ExportReport, export, export_set

__all__ = ["ExportReport", "export", "export_set"]
