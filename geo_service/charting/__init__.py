"""Draw charts with Matplotlib; decides nothing but ink. The only door to it."""

from geo_service.charting.writer import CHART_FORMS, MatplotlibCharts

__all__ = ["CHART_FORMS", "MatplotlibCharts"]
