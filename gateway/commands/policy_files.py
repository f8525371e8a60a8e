"""The folder of companies' own policies: one file a company, named by its id."""

from pathlib import Path

from gateway.compose import Gateway
from schema.errors import BadDeclaration
from schema.names import COMPANY_PREFIX, CompanyId, prefix_of


async def load_policies(folder: Path | None, gateway: Gateway) -> None:
    """Puts the folder's texts in force; no folder, no texts. Raises BadDeclaration that names the file, also for one
    whose company is not of the network: what it closes would stay open, and nobody would know."""
    texts = {} if folder is None else _read(folder)
    found = await gateway.services.spaces.companies([CompanyId(file.stem) for file in texts])
    for (file, text), company in zip(texts.items(), found, strict=True):
        if company is None:
            raise BadDeclaration(f"{file}: the network has no company of this id.")
        try:
            gateway.policies.replace(company.id, text)
        except BadDeclaration as error:
            raise BadDeclaration(f"{file}: {error.message}") from None


def policy_file(folder: Path | None, company: CompanyId) -> Path | None:
    """Where a company's text would lie; None where texts have no folder."""
    return None if folder is None else folder / f"{company}.polar"


def _read(folder: Path) -> dict[Path, str]:
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix == ".polar")
    except OSError as error:
        raise BadDeclaration(f"{folder}: the policies cannot be read: {error.strerror}.") from None
    texts: dict[Path, str] = {}
    for file in files:
        if prefix_of(file.stem) != COMPANY_PREFIX:
            raise BadDeclaration(f"{file}: the file's name must be a company's id.")
        try:
            texts[file] = file.read_text(encoding="utf-8")
        except OSError as error:
            raise BadDeclaration(f"{file}: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise BadDeclaration(f"{file}: this is not UTF-8 text.") from None
    return texts
