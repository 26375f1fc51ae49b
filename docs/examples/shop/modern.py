"""The shop, as it is being written anew. It has its own copy of the orders, as another database client would."""

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException

from router.json_response import FlaskJSONResponse

ORDERS = {
    7: {"id": 7, "name": "Café", "total": 4.5, "paid": False},
    8: {"id": 8, "name": "Bread", "total": 2.0, "paid": True},
}


def create_modern() -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.get("/api/orders")
    async def orders():
        return FlaskJSONResponse({"orders": list(ORDERS.values())})

    @app.get("/api/orders/{order_id}")
    async def order(order_id: int):
        if order_id not in ORDERS:
            return FlaskJSONResponse({"error": "There is no such order."}, status_code=404)
        return FlaskJSONResponse(ORDERS[order_id])

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException):
        return FlaskJSONResponse({"error": "There is nothing here."}, status_code=error.status_code)

    return app
