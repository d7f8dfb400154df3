"""Static files: read once, named by their hash, compressed once, served from memory."""

import gzip
import mimetypes
import re
from hashlib import sha256
from pathlib import Path

import brotli
from litestar import asgi
from litestar.types import Receive, Scope, Send

HERE = Path(__file__).parents[1]
MODULES = HERE.parent / "node_modules"
KERN = MODULES / "@kern-ux" / "native"
HTMX = MODULES / "htmx.org"
QUALITY = 7  # 8 KB more than the highest one, which would cost every process half a second at its start

mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")


class AssetsMissing(Exception):
    """The front-end assets were not installed."""


class Asset:
    """One file in memory: its address and its body in each encoding."""

    def __init__(self, name: str, body: bytes) -> None:
        stem, _, ending = name.rpartition(".")
        self.path = f"/{stem}.{sha256(body).hexdigest()[:10]}.{ending}"
        self.url = f"/static{self.path}"
        self.type = (mimetypes.guess_type(name)[0] or "application/octet-stream").encode()
        self.bodies = {b"": body}
        if ending in ("css", "js", "svg", "txt", "md"):
            self.bodies[b"br"] = brotli.compress(body, quality=QUALITY)
            self.bodies[b"gzip"] = gzip.compress(body, 6, mtime=0)


def _sources() -> dict[str, Path]:
    return {
        "kern.css": KERN / "dist" / "kern.min.css",
        "kern-licence.md": KERN / "LICENSE.md",
        "htmx.js": HTMX / "dist" / "htmx.min.js",
        **{path.name: path for path in sorted((HERE / "static").iterdir()) if path.is_file()},
    }


def _with_hashed_fonts(css: str) -> tuple[str, dict[str, Asset]]:
    """A stylesheet that points at KERN's fonts by their hashed names, and these fonts."""
    fonts = {}
    for name in re.findall(r'url\("([^"/]+\.woff2)"\)', css):
        font = fonts[name] = Asset(name, (KERN / "dist" / "fonts" / "fira-sans" / name).read_bytes())
        css = css.replace(f'url("{name}")', f'url("{font.url}")')
    return css, fonts


def _load() -> dict[str, Asset]:
    if not KERN.exists():
        raise AssetsMissing("The front-end assets are missing. Start with ./run, or run npm ci.")
    bodies = {name: path.read_bytes() for name, path in _sources().items()}
    css, fonts = _with_hashed_fonts(bodies["votum.css"].decode())
    bodies["votum.css"] = css.encode()
    return {name: Asset(name, body) for name, body in bodies.items()} | fonts


ASSETS = _load()
BY_PATH = {asset.path: asset for asset in ASSETS.values()}


def url(name: str) -> str:
    """The address of a static file by its plain name."""
    return ASSETS[name].url


def _encoding(scope: Scope) -> bytes:
    accepted = next((value for key, value in scope["headers"] if key == b"accept-encoding"), b"")
    return next((name for name in (b"br", b"gzip") if name in accepted), b"")


@asgi("/static", is_mount=True, copy_scope=True, opt={"policy": "public"})
async def static(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a static file; it may be kept for a year, since another text has another name."""
    asset = BY_PATH.get(scope["path"].rstrip("/"))
    if asset is None:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    encoding = _encoding(scope)
    encoding = encoding if encoding in asset.bodies else b""
    body = asset.bodies[encoding]
    headers = [
        (b"content-type", asset.type),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"public, max-age=31536000, immutable"),
        (b"vary", b"accept-encoding"),
    ]
    if encoding:
        headers.append((b"content-encoding", encoding))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
