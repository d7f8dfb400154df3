"""Signing in and out, registering, and the links that come by mail."""

from datetime import timedelta
from typing import Any, ClassVar

from litestar import Response, Router, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from app import clock, database, i18n, web
from app.domain import people
from app.domain.organisations import LEGAL_FORMS
from app.errors import NotFound
from app.i18n import gettext as _
from app.i18n import later
from app.identity import attempts, passwords, sessions
from app.identity.policies import DEMO, PUBLIC, SIGNED_IN
from app.settings import SETTINGS

HOUR = timedelta(hours=1)
REGISTRATIONS_AN_HOUR = 20  # from one client


class SignInForm(web.Form):
    labels: ClassVar = {"password": later("Password")}
    email = web.text(254, required=True)
    password = web.password()


class RegistrationForm(web.Form):
    labels: ClassVar = {
        "name": later("Your name"),
        "email": later("Your e-mail address"),
        "password": later("Password"),
        "organisation": later("Name of the organisation"),
        "legal_form": later("Legal form"),
    }
    organisation = web.text(200, required=True)
    legal_form = web.choice(LEGAL_FORMS)
    seat = web.text(200)
    name = web.text(200, required=True)
    email = web.email()
    password = web.password()
    privacy = web.checked()

    def read(self) -> None:
        """All faults at once, in the order of the fields."""
        super().read()
        if self.data.get("password"):
            with self.refusals():
                passwords.check(self.data["password"])
        if not self.data.get("privacy"):
            self.errors["privacy"] = _("Please confirm that you have read how your data are used.")


class ConfirmationForm(web.Form):
    labels: ClassVar = {"password": later("Password")}
    password = web.password()


class AddressForm(web.Form):
    email = web.email()


class PasswordForm(web.Form):
    password = web.password()


@get("/sign-in", opt=PUBLIC)
async def sign_in(request: web.Request, next: FromQuery[str] = "") -> Template:
    return await _sign_in_page(request, SignInForm(), next)


@post("/sign-in", opt=PUBLIC)
async def sign_in_submitted(request: web.Request, next: FromQuery[str] = "") -> Response[Any]:
    form = await web.submitted(request, SignInForm)
    target = web.safe_next(next or str((await request.form()).get("next") or ""))
    person = None
    if form.ok:
        with form.refusals():
            person = await people.authenticated(form.data["email"], form.data["password"])
    if form.ok and person is None:
        form.errors["email"] = _("The e-mail address or the password is not right.")
    if person is None:
        return await _sign_in_page(request, form, target)
    return await _signed_in(request, person, target)


@post("/demo/sign-in/{person_id:int}", opt=DEMO)
async def demo_sign_in(request: web.Request, person_id: FromPath[int]) -> Response[Any]:
    person = await database.value("SELECT id FROM person WHERE id = $1 AND active", person_id)
    if person is None:
        raise NotFound
    return await _signed_in(request, person, "/desk")


@post("/sign-out", opt=SIGNED_IN)
async def sign_out(request: web.Request) -> Response[Any]:
    response = web.redirect("/")
    response.cookies.append(await sessions.end_session(request.user))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@get("/register", opt=PUBLIC)
async def register(request: web.Request) -> Template:
    return _register_page(request, RegistrationForm())


@post("/register", opt=PUBLIC)
async def register_submitted(request: web.Request) -> Response[Any]:
    form = await web.submitted(request, RegistrationForm)
    if form.ok:
        new = {name: value for name, value in form.data.items() if name != "privacy"}
        with form.refusals():
            await attempts.keep_out("register", form.data["email"], 5, HOUR)
            await attempts.keep_out("registrations", attempts.client.get(), REGISTRATIONS_AN_HOUR, HOUR)
            await people.register(people.NewPerson(**new, language=i18n.locale.get()), at=clock.arrived())
    if not form.ok:
        return _register_page(request, form)
    return web.redirect("/register/sent")


@get("/register/sent", opt=PUBLIC)
async def registered(request: web.Request) -> Template:
    return web.page(request, "sign_in/sent.html", purpose="confirmation", smtp=bool(SETTINGS.smtp_url))


@get("/confirmation/{token:str}", opt=PUBLIC)
async def confirmation(request: web.Request, token: FromPath[str]) -> Template:
    return web.form_page(request, "sign_in/confirm.html", ConfirmationForm(), token=token)


@post("/confirmation/{token:str}", opt=PUBLIC)
async def confirmed(request: web.Request, token: FromPath[str]) -> Response[Any]:
    form = await web.submitted(request, ConfirmationForm)
    person = None
    if form.ok:
        with form.refusals():
            person = await people.confirm(token, form.data["password"], at=clock.arrived())
    if person is None:
        return web.form_page(request, "sign_in/confirm.html", form, token=token)
    return await _signed_in(request, person, "/desk")


@get("/password", opt=PUBLIC)
async def forgotten(request: web.Request) -> Template:
    return web.form_page(request, "sign_in/forgotten.html", AddressForm())


@post("/password", opt=PUBLIC)
async def forgotten_submitted(request: web.Request) -> Response[Any]:
    form = await web.submitted(request, AddressForm)
    if form.ok:
        with form.refusals():
            await attempts.keep_out("password", form.data["email"], 3, HOUR)
            await people.ask_for_new_password(form.data["email"], at=clock.arrived())
    if not form.ok:
        return web.form_page(request, "sign_in/forgotten.html", form)
    return web.page(request, "sign_in/sent.html", purpose="password", smtp=bool(SETTINGS.smtp_url))


@get("/password/{token:str}", opt=PUBLIC)
async def new_password(request: web.Request, token: FromPath[str]) -> Template:
    return web.form_page(request, "sign_in/password.html", PasswordForm(), token=token)


@post("/password/{token:str}", opt=PUBLIC)
async def new_password_submitted(request: web.Request, token: FromPath[str]) -> Response[Any]:
    form = await web.submitted(request, PasswordForm)
    person = None
    if form.ok:
        with form.refusals():
            person = await people.choose_password(token, form.data["password"], at=clock.arrived())
    if person is None:
        return web.form_page(request, "sign_in/password.html", form, token=token)
    return await _signed_in(request, person, "/desk")


@post("/language/{code:str}", opt=PUBLIC)
async def language(request: web.Request, code: FromPath[str]) -> Response[Any]:
    """The switch at the top of every page: kept for the person, or for this browser, and back to the page."""
    if code not in i18n.LOCALES:
        raise NotFound
    came_from = (await request.form()).get("next")
    response = web.redirect(web.safe_next(came_from if isinstance(came_from, str) else None, "/"))
    if request.user:
        await people.speak(request.user.id, code, at=clock.arrived())
    else:
        response.cookies.append(
            Cookie(key="lang", value=code, path="/", httponly=True, samesite="lax", secure=SETTINGS.secure)
        )
    return response


async def _signed_in(request: web.Request, person: int, target: str) -> Response[Any]:
    """A new session; a language chosen before signing in stays the person's from now on."""
    chosen = request.cookies.get("lang")
    response = web.redirect(target)
    response.cookies.append(
        await sessions.start_session(person, chosen if chosen in i18n.LOCALES else None, request.user)
    )
    if chosen:
        response.cookies.append(Cookie(key="lang", value="", path="/", max_age=0))
    return response


def _register_page(request: web.Request, form: web.Form) -> Template:
    options = [(key, _(label)) for key, label in LEGAL_FORMS.items()]
    return web.form_page(request, "sign_in/register.html", form, options=options)


async def _sign_in_page(request: web.Request, form: web.Form, next: str) -> Template:
    persons = await people.demo_persons() if SETTINGS.demo and not form.again_in else []
    return web.form_page(request, "sign_in/sign_in.html", form, next=next, demo_persons=persons)


router = Router(
    "/",
    route_handlers=[
        sign_in,
        sign_in_submitted,
        demo_sign_in,
        sign_out,
        register,
        register_submitted,
        registered,
        confirmation,
        confirmed,
        forgotten,
        forgotten_submitted,
        new_password,
        new_password_submitted,
        language,
    ],
)
