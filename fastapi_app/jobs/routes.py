"""All routes of jobs."""

from fastapi import APIRouter

from fastapi_app.jobs import control_endpoints, endpoints, queue_endpoints

router = APIRouter()
router.include_router(endpoints.router)
router.include_router(control_endpoints.router)
router.include_router(queue_endpoints.router)
