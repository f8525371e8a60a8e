"""The routes of the demo page: the page at the root, its files, and the demo people with their tokens.

1. `/` is the page. It names its files by the hash of all of them, so that a browser may keep them for ever.
2. `/graphiql/<hash>/<folder>/<file>` are those files, read once, so that no request reaches the disk.
3. `/demo/people.json` is whom one may ask as. It holds tokens: only this machine may read it, and nothing keeps it.
"""

from collections.abc import Callable
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.graphiql.demo_person import DemoPerson
from gateway.graphiql.loopback import is_local

HERE = Path(__file__).parent

FIRST_QUERY = (HERE / "first.graphql").read_text(encoding="utf-8")
"""What stands in the editor when the page is opened for the first time."""

# Written out, since the `mimetypes` of Python also asks the machine, which may call a script plain text.
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self' data:",
        "img-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)

SAFETY = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def routes(
    people: Callable[[], list[DemoPerson]], endpoint: str = "/graphql", first_query: str = FIRST_QUERY
) -> list[BaseRoute]:
    """The routes of the demo page, to mount at the root of an app in demo mode, and in no other.

    `people` is called for each reading of the list, so it may give fresh tokens; the first person is asked as first.
    `endpoint` is the path of the GraphQL endpoint on the same host; another host raises ValueError.
    """
    if not endpoint.startswith("/") or endpoint.startswith("//"):
        raise ValueError(f"the demo page asks its own host: {endpoint!r} is no path on it")
    files = {f"{folder}/{path.name}": path for folder in ("static", "vendor") for path in _served(HERE / folder)}
    contents = {name: path.read_bytes() for name, path in files.items()}
    version = sha256(b"".join(name.encode() + contents[name] for name in sorted(contents))).hexdigest()[:16]
    page = (HERE / "static" / "index.html").read_text(encoding="utf-8").replace("{{files}}", f"/graphiql/{version}")

    async def show_page(request: Request) -> Response:
        return Response(page, headers=SAFETY | {"Cache-Control": "no-cache"}, media_type="text/html")

    async def give_file(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in contents or request.path_params["version"] != version:
            return PlainTextResponse("There is no such file.", 404, SAFETY | {"Cache-Control": "no-store"})
        headers = SAFETY | {
            "Cache-Control": "public, max-age=31536000, immutable",  # a year: changed files have another address
            "Content-Type": CONTENT_TYPES[files[name].suffix],
        }
        return Response(contents[name], headers=headers)

    async def list_people(request: Request) -> Response:
        headers = SAFETY | {"Cache-Control": "no-store"}
        if not is_local(request):
            return PlainTextResponse("The demo people are for this machine alone.", 403, headers)
        listed = [asdict(person) for person in people()]
        return JSONResponse({"endpoint": endpoint, "firstQuery": first_query, "people": listed}, headers=headers)

    return [
        Route("/", show_page),
        Route("/graphiql/{version}/{name:path}", give_file),
        Route("/demo/people.json", list_people),
    ]


def _served(folder: Path) -> list[Path]:
    """The files of a folder that have a content type, in order of name."""
    return sorted(path for path in folder.iterdir() if path.suffix in CONTENT_TYPES)
