"""The routes about accounts, for administrators. Their address is 0.9's, doubled `/api` and all."""

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body, query_values
from fastapi_app.errors import NotFound
from fastapi_app.models import now
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.users import changes, queries, rules, schemas, shown
from fastapi_app.users.making import make_account
from fastapi_app.users.people import Administrator, Reader, acting, must_own

router = APIRouter(prefix="/api/api/users", route_class=Route, tags=["users"])


@router.get(
    "/",
    dependencies=[require(Access.ADMINISTER)],
    response_model=schemas.Accounts,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.AccountsQuery),
    summary="All accounts",
)
async def list_accounts(request: Request, session: Transaction) -> JSON:
    """Every account, or those that the query asks for."""
    wanted = rules.wanted(query_values(request))
    rows = await queries.accounts(session, wanted)
    whole = wanted.per_page is None and wanted.page == 1
    total = len(rows) if whole else await queries.count(session, wanted)
    at = now()
    return JSON({"users": [shown.full_account(row, at) for row in rows], "total": total, "can_manage": True})


@router.post(
    "/",
    status_code=201,
    response_model=schemas.Created,
    responses=openapi.problems(400, 409, 415),
    openapi_extra=openapi.body(schemas.NewAccount),
    summary="Make an account",
)
async def create_account(request: Request, session: Transaction, visitor: Administrator) -> JSON:
    """Makes an account. Names that look alike are taken: `Anna` where there is an `anna`."""
    new = rules.new_account(rules.members(await json_body(request)))
    user = await make_account(request, session, acting(request, visitor), new)
    told = {"success": True, "message": f"User {user.username} created successfully", "user": shown.account(user)}
    return JSON(told, status_code=201)


@router.get(
    "/{user_id:row}",
    response_model=schemas.OneAccount,
    responses=openapi.problems(404),
    summary="One account",
)
async def get_account(user_id: int, request: Request, session: Transaction, visitor: Reader) -> JSON:
    """An account; one's own, or any for administrators."""
    must_own(request, visitor, user_id)
    row = await queries.account(session, user_id)
    if row is None:
        raise NotFound(rules.NOT_FOUND)
    return JSON({"user": shown.full_account(row, now())})


@router.put(
    "/{user_id:row}/role",
    response_model=schemas.Done,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.RoleChange),
    summary="Change a role",
)
async def change_role(user_id: int, request: Request, session: Transaction, visitor: Administrator) -> JSON:
    """Changes what an account may do, from its next request on. Not one's own."""
    role = rules.role(rules.members(await json_body(request)).get("role"))
    await changes.change_role(session, acting(request, visitor), user_id, role)
    return _done("User role updated successfully")


@router.post(
    "/{user_id:row}/deactivate",
    response_model=schemas.Done,
    responses=openapi.problems(400, 404, 409),
    summary="Switch an account off",
)
async def deactivate(user_id: int, request: Request, session: Transaction, visitor: Administrator) -> JSON:
    """Switches an account off, and ends its logins, tokens and keys. Not one's own."""
    await changes.deactivate(session, acting(request, visitor), user_id)
    return _done("User deactivated successfully")


@router.post(
    "/{user_id:row}/activate",
    response_model=schemas.Done,
    responses=openapi.problems(400, 404, 409),
    summary="Switch an account on",
)
async def activate(user_id: int, request: Request, session: Transaction, visitor: Administrator) -> JSON:
    """Switches an account on again, and lifts its lock. Logins and keys that ended stay so."""
    await changes.activate(session, acting(request, visitor), user_id)
    return _done("User activated successfully")


@router.post(
    "/{user_id:row}/unlock",
    response_model=schemas.Done,
    responses=openapi.problems(400, 404, 409),
    summary="Lift a lock",
)
async def unlock(user_id: int, request: Request, session: Transaction, visitor: Administrator) -> JSON:
    """Lets an account log in that was locked after wrong passwords."""
    await changes.unlock(session, acting(request, visitor), user_id)
    return _done("User account unlocked successfully")


def _done(message: str) -> JSON:
    return JSON({"success": True, "message": message})
