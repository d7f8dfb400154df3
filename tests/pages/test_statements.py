"""How many SQL statements a page costs, and that it is the same for 10, 100 and 1,000 proposals."""

import pytest

from tests.benchmarks import large_call
from tests.world import Votum

STATED = {  # with the look at the session
    "office": {"intake": 3, "ranking": 4, "office": 4, "committee": 6, "exports/decision-list.csv": 5},
    "reviewer": {"/desk": 6, "sheet": 5},
    "anybody": {"/calls": 1, "call": 3},
}


async def asked(votum: Votum, cookie: str, path: str) -> int:
    browser = votum.browser(cookie)
    assert (await browser.get(path)).status_code == 200  # what is kept in memory is kept now
    with votum.counted() as seen:
        assert (await browser.get(path)).status_code == 200
    return len(seen)


@pytest.mark.parametrize("proposals", [10, 100, 1000])
async def test_the_number_of_statements_does_not_grow(votum: Votum, proposals: int):
    call = await large_call.build(proposals)
    office = {name: await asked(votum, call.administrator, f"/calls/{call.key}/{name}") for name in STATED["office"]}
    reviewer = {
        "/desk": await asked(votum, call.reviewer, "/desk"),
        "sheet": await asked(votum, call.reviewer, f"/assignments/{call.assignment}"),
    }
    anybody = {"/calls": await asked(votum, "", "/calls"), "call": await asked(votum, "", f"/calls/{call.key}")}
    assert office == STATED["office"]
    assert reviewer == STATED["reviewer"]
    assert anybody == STATED["anybody"]
