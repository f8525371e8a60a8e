"""Documents that may be asked for by GET: the `.graphql` files of this folder, known by the hash of their text.

Any link can cause a GET, and its address lands in logs and histories; so no text of a caller's own is taken that way.
These few were read by us: queries without arguments that could name anything of a company. Row CSRF of limits.md.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

_PREFIX = "sha256:"


def document_id(text: str) -> str:
    """The id of a document: `sha256:` and the hash of its UTF-8 text in hexadecimal digits."""
    return _PREFIX + sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _kept() -> dict[str, str]:
    texts = [path.read_text(encoding="utf-8").strip() for path in sorted(Path(__file__).parent.glob("*.graphql"))]
    return {document_id(text): text for text in texts}


_DOCUMENTS: Mapping[str, str] = _kept()


def persisted(parameters: Mapping[str, str]) -> str | None:
    """The document that a GET names by `query`, its whole text, or by `documentId`; None where it is not persisted."""
    text = parameters.get("query")
    return _DOCUMENTS.get(parameters.get("documentId", "") if text is None else document_id(text))
