"""Accounts in the API: read, and edited on the version that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import FastAPI, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.answers import json
from geo_service.api.etags import version_of
from geo_service.errors import UnconditionalError
from geo_service.model.access import KEEPERS, Audience
from geo_service.workflows.keeping import people
from geo_service.workflows.policy import PRINCIPAL, RECORDED_BY_THE_WORKFLOW, declare

if TYPE_CHECKING:
    from geo_service.model.accounts import Account
    from geo_service.workflows.services import Office, Services

_ADDED: Final[dict[int | str, dict[str, Any]]] = {201: {"description": "The account was added"}}

IfMatch = Annotated[str | None, Header(alias="If-Match", description="ETag of the account as it was read.")]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", description="* to add one that is not there.")]


class AccountBody(BaseModel):
    """Say what an account is to be."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(max_length=200)
    roles: list[str] = Field(max_length=20)
    areas: list[str] | None = Field(max_length=1_000, description="Codes of areas; null for the whole force.")
    active: bool
    subject: str = Field(default="", max_length=255)


def add_accounts(app: FastAPI, office: Office) -> None:
    """Add the routes; they are for whoever keeps the accounts."""

    @app.get("/accounts", summary="Who may come in")
    @declare(Audience.FORCE, roles=KEEPERS)
    def accounts(request: Request) -> Response:
        return json({"accounts": [_facts(one) for one in people.accounts(_services(office, request))]})

    @app.get("/accounts/{accountId}", summary="One account")
    @declare(Audience.FORCE, roles=KEEPERS)
    def account(request: Request, accountId: str) -> Response:  # noqa: N803 - as the other paths are written
        return _one(people.account(_services(office, request), accountId))

    @app.put("/accounts/{accountId}", summary="Add or change an account", responses=_ADDED)
    @declare(Audience.FORCE, roles=KEEPERS, act=RECORDED_BY_THE_WORKFLOW)
    def put_account(
        request: Request,
        accountId: str,  # noqa: N803 - as the other paths are written
        body: AccountBody,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        version = _version(if_match, if_none_match)
        wanted = people.Wanted(**body.model_dump())
        made = people.put(_services(office, request), office.authority(), accountId, wanted, version=version)
        return _one(made, 201 if version == 0 else 200)


def _services(office: Office, request: Request) -> Services:
    return office.services(request.scope[PRINCIPAL])


def _version(if_match: str | None, if_none_match: str | None) -> int:
    """Return the version that an edit was made on, 0 for a new row (RFC 9110, sections 13.1.1 and 13.1.2)."""
    if if_match is None and if_none_match == "*":
        return 0
    version = version_of(if_match)
    if version is None:
        raise UnconditionalError(
            "An edit must say on which version it was made",
            do="Send the ETag of what was read as If-Match, or If-None-Match: * for a new account",
            field="If-Match",
        )
    return version


def _one(account: Account, status: int = 200) -> Response:
    answer = json(_facts(account))
    answer.status_code = status
    answer.headers["ETag"] = f'"{account.version}"'
    return answer


def _facts(account: Account) -> dict[str, Any]:
    return {"id": account.id, **account.content()}
