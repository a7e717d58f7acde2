"""The report: training runs and evaluations as one HTML file."""
