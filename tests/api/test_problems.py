"""Problems: what each mistake is answered with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from fastapi import FastAPI

from geo_service.api import problems
from geo_service.errors import DamagedFileError

if TYPE_CHECKING:
    from collections.abc import Callable

Client: TypeAlias = Any
"""The conftest's client; tests are no package to import it from."""
ASKED = "/hotspots?boundary=demonstration-wards&from=2025-08&to=2026-07"
ITEMS = "/collections/zones/items"
MISTAKES = [
    (f"{ITEMS}?colour=red", 400, "colour", "Use bbox, datetime, f, limit, offset"),
    ("/collections?limit=3", 400, "limit", "this address has none"),
    (f"{ITEMS}?limit=1&limit=2", 400, "limit", "Found: limit, 2 times. Give it once"),
    (f"{ITEMS}?bbox=1,2,3", 400, "bbox", "for example -2.0,52.2"),
    (f"{ITEMS}?bbox=1,2,x,4", 400, "bbox", "for example -2.0,52.2"),
    (f"{ITEMS}?bbox=", 400, "bbox", "for example -2.0,52.2"),
    (f"{ITEMS}?bbox=nan,2,3,4", 400, "bbox", "Write west,south,east,north"),
    (f"{ITEMS}?bbox=53,1,54,2,5,6", 400, "bbox", "Write west,south,east,north"),
    (f"{ITEMS}?bbox=-2,53,-1,52", 400, "bbox", "Write west,south,east,north"),
    (f"{ITEMS}?bbox=400000,300000,410000,310000", 400, "bbox", "Write west,south,east,north in degrees"),
    (f"{ITEMS}?datetime=June", 400, "datetime", "Write a day such as 2025-06-01"),
    (f"{ITEMS}?datetime=2026-01-01/2025-01-01", 400, "datetime", "Write a day such as 2025-06-01"),
    (f"{ITEMS}?limit=0", 400, "limit", "Give limit as 1 or more"),
    (f"{ITEMS}?limit=-1", 400, "limit", "Give limit as 1 or more"),
    (f"{ITEMS}?limit=x", 400, "limit", "Give limit as a whole number"),
    (f"{ITEMS}?limit=1.5", 400, "limit", "Give limit as a whole number"),
    (f"{ITEMS}?limit=", 400, "limit", "Give limit as a whole number"),
    (f"{ITEMS}?limit={'9' * 5_000}", 400, "limit", "Give limit as a shorter number"),
    (f"{ITEMS}?offset=-1", 400, "offset", "Give offset as 0 or more"),
    (f"{ITEMS}?offset=next", 400, "offset", "Give offset as a whole number"),
    (f"{ITEMS}?f=xml", 400, "f", "Use 'json', 'geojson' or 'csv'"),
    ("/collections/unicorns", 404, "collectionId", "List them at /collections"),
    ("/collections/unicorns/items", 404, "collectionId", "List them at /collections"),
    ("/collections/unicorns/items/1", 404, "collectionId", "List them at /collections"),
    (f"{ITEMS}/unicorn", 404, "featureId", "List the items first"),
    ("/unicorns", 404, None, "The links begin at /"),
    ("/hotspots", 400, "boundary", "Add boundary=…"),
    ("/hotspots?boundary=demonstration-wards&from=2025-08", 400, "to", "Add to=…"),
    ("/hotspots?boundary=Atlantis&from=2025-08&to=2026-07", 404, "boundary", "Looked in demonstration-wards"),
    ("/hotspots?boundary=demonstration-wards&from=2025&to=2026-07", 400, "from", "Write it as YYYY-MM"),
    ("/hotspots?boundary=demonstration-wards&from=2026-07&to=2025-08", 400, "to", "Begin with the earlier month"),
    (f"{ASKED}&offences=sins", 400, "offences", "Use one of all"),
    (f"{ASKED}&offence_set=burglary", 400, "offence_set", "offences"),
    (f"{ASKED}&set=unicorns", 404, "set", "Imported are demonstration-wards"),
    (f"{ASKED}&measure=love", 400, "measure", "Use one of count, harm"),
    (f"{ASKED}&proxy=none", 400, "proxy", "Use one of low, middle, high"),
    (f"{ASKED}&measure=harm&harm_table=none", 404, "harm_table", "There is: starting-points"),
    (f"{ASKED}&statistic=guess", 400, "statistic", "emerging, gi_star, kde"),
    (f"{ASKED}&resolution=7", 400, "resolution", "Use one of 8, 9, 10, 11, 12"),
    (f"{ASKED}&ring=4", 400, "ring", "Use one of 1, 2, 3"),
    (f"{ASKED}&area_share=0", 400, "area_share", "for example 1.4"),
    (f"{ASKED}&area_share=200", 400, "area_share", "for example 1.4"),
    (f"{ASKED}&area_share=nan", 400, "area_share", "for example 1.4"),
    (f"{ASKED}&area_share=much", 400, "area_share", "Give area_share as a number"),
    (f"{ASKED}&as_of=99", 404, "as_of", "The versions are 1 to"),
    (f"{ASKED}&as_of=last", 400, "as_of", "Give as_of as a whole number"),
    (f"{ASKED}&cells=best", 400, "cells", "Use 'chosen' or 'all'"),
]


@pytest.mark.parametrize(("path", "status", "parameter", "words"), MISTAKES, ids=[each[0][:90] for each in MISTAKES])
def test_a_mistake_is_named_with_what_to_do(
    api: Client, path: str, status: int, parameter: str | None, words: str
) -> None:
    answer = api.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["type"], body["status"], body.get("parameter")) == ("about:blank", status, parameter)
    assert words in body["detail"]
    assert body["detail"].endswith(".")


@pytest.mark.parametrize(
    "path",
    [
        f"{ITEMS}?{'x' * 10_000}=1",
        f"{ITEMS}?bbox={'x' * 10_000}",
        f"{ITEMS}?datetime={'x' * 10_000}",
        f"{ITEMS}?limit={'x' * 10_000}",
        f"{ITEMS}?f={'x' * 10_000}",
        f"{ITEMS}/{'x' * 10_000}",
        f"/collections/{'x' * 10_000}",
        f"{ASKED}&offences={'x' * 10_000}",
        f"{ASKED}&as_of={'x' * 10_000}",
        f"/hotspots?boundary={'x' * 10_000}&from=2025-08&to=2026-07",
        f"/{'x' * 10_000}",
    ],
    ids=lambda path: path.replace("x" * 10_000, "…"),
)
def test_an_endless_value_is_shortened_in_what_is_said_of_it(api: Client, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code in {400, 404}
    assert len(answer.content) < 1_000


@pytest.mark.parametrize("value", ["\0", "\n\r", "../../etc/passwd", "<script>", "%", "\N{PILE OF POO}", "' OR 1=1 --"])
def test_a_hostile_value_is_a_mistake_like_any_other(api: Client, value: str) -> None:
    for path, names in (("/hotspots", ("boundary", "from", "to")), (ITEMS, ("bbox", "datetime", "limit", "f"))):
        answer = api.get(path, params=dict.fromkeys(names, value))
        assert answer.status_code in {400, 404}
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/", "/conformance", "/collections", "/collections/zones", ITEMS, ASKED])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_nothing_can_be_written_through_the_api(api: Client, path: str, method: str) -> None:
    answer = api.request(method, path)
    assert answer.status_code == 405
    assert {word.strip() for word in answer.headers["allow"].split(",")} == {"GET", "HEAD"}
    assert "Use GET or HEAD" in answer.json()["detail"]


def test_a_fault_of_ours_is_a_problem_that_tells_nothing_of_the_inside(client_of: Callable[..., Client]) -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/broken")
    def broken() -> None:
        message = "the password is swordfish"
        raise RuntimeError(message)

    @app.get("/damaged")
    def damaged() -> None:
        raise DamagedFileError("A stored file is damaged", found="a.parquet", do="Restore the backup")

    client = client_of(app)
    answers = [client.get("/broken"), client.get("/damaged")]
    assert [answer.status_code for answer in answers] == [500, 500]
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    assert "swordfish" not in answers[0].text
    assert "Restore the backup" in answers[1].json()["detail"]


def test_an_error_of_a_kind_that_was_not_foreseen_is_still_told_in_words() -> None:
    error = problems.in_words({"type": "new_kind", "loc": ("query", "limit"), "msg": "It is odd", "input": "7"})
    assert error.message == "It is odd. Found: 7. See the parameter limit in /openapi.json."
    assert error.field == "limit"
