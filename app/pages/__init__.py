"""Where people meet Votum: the same nouns as in domain, one router each."""

from litestar import Router

from app.pages import (
    appointments,
    assignments,
    authorities,
    call_making,
    calls,
    committees,
    conflicts,
    design,
    desk,
    form_editor,
    formal_checks,
    home,
    installation,
    invitations,
    organisations,
    papers,
    programmes,
    proposals,
    rankings,
    schemas,
    schemes,
    sign_in,
)

ROUTERS: list[Router] = [
    noun.router
    for noun in (
        home,
        sign_in,
        desk,
        design,
        organisations,
        authorities,
        appointments,
        installation,
        proposals,
        assignments,
        committees,
        conflicts,
        formal_checks,
        rankings,
        calls,
        programmes,
        call_making,
        schemes,
        form_editor,
        invitations,
        papers,
        schemas,
    )
]
