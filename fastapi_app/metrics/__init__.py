"""What Prometheus may read, right with several workers too."""

from fastapi_app.metrics.endpoints import router
from fastapi_app.metrics.requests import RequestMetrics

__all__ = ["RequestMetrics", "router"]
