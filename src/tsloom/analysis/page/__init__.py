"""The report as one HTML page that asks nothing of any network."""

from tsloom.analysis.page.document import report_page

__all__ = ["report_page"]
