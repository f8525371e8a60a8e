"""Take GraphiQL's browser files anew from the npm registry: `python -m gateway.graphiql.refresh` (needs npm).

1. Install the packages pinned below into a folder that is thrown away; npm checks them against the registry's hashes.
2. Copy the built files and the licence texts into `vendor/`.
3. Gather, from GraphiQL's source map, the packages that are bundled in its file, and their licence texts.
4. Write `NOTICE.txt`: each file with its package, version, licence and SHA-256.

Other versions: change `PACKAGES`, run, open the page, run `tests/graphiql`.
"""

import json
import re
import subprocess
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
VENDOR = HERE / "vendor"

# GraphiQL 3 and React 18 are the last to ship files that a browser runs as they are, without a bundler.
PACKAGES = {"graphiql": "3.9.0", "react": "18.3.1", "react-dom": "18.3.1"}

# Built file -> its package and its path in it.
BUILT = {
    "graphiql.min.css": ("graphiql", "graphiql.min.css"),
    "graphiql.min.js": ("graphiql", "graphiql.min.js"),
    "react.production.min.js": ("react", "umd/react.production.min.js"),
    "react-dom.production.min.js": ("react-dom", "umd/react-dom.production.min.js"),
}

# What GraphiQL bundles without depending on it, or that npm hides in a folder of another; taken for the licence texts.
FOR_LICENCES = (
    "@babel/runtime@7",
    "@fontsource/fira-code@5.0.0",
    "@fontsource/roboto@5.0.8",
    "@radix-ui/react-use-escape-keydown@1",
    "graphql@16",
    "graphql-ws@5",
)
FONTS = ("@fontsource/fira-code", "@fontsource/roboto")

# GraphiQL's own sources stand in its map under their folders' names.
OWN_FOLDERS = {"graphiql-react": "@graphiql/react", "graphiql-toolkit": "@graphiql/toolkit"}

NOTICE_HEAD = """\
The files in vendor/ come unchanged from the npm registry. `python -m gateway.graphiql.refresh` takes them anew.
The licence of each package is in vendor/LICENSE-<package>.txt. graphiql.min.js contains the packages listed in
vendor/LICENSES-bundled.txt, and graphiql.min.css the fonts Fira Code and Roboto, whose licences are there too.

file | package | version | licence | sha256
"""


def bundled(source_map: str) -> list[str]:
    """The packages whose sources are in a bundle, by name, sorted; the bundle's own package is left out."""
    names = set()
    for source in json.loads(source_map)["sources"]:
        inside = re.findall(r"node_modules/((?:@[^/]+/)?[^/]+)/", source)
        if inside:
            names.add(inside[-1])
        elif sibling := re.match(r"\.\./\.\./([^/]+)/", source):
            names.add(OWN_FOLDERS.get(sibling[1], sibling[1]))
    return sorted(names)


def licence_text(package: Path) -> str:
    """Name, version, licence and its text, of an installed package; the name of the licence where it has no text."""
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    head = f"{about['name']} {about['version']}, {about.get('license', 'see its text')}"
    texts = sorted(path for path in package.iterdir() if re.match(r"licen[sc]e", path.name, re.IGNORECASE))
    body = texts[0].read_text(encoding="utf-8").strip() if texts else "(the package holds no text of its licence)"
    return f"{'=' * 78}\n{head}\n{'=' * 78}\n{body}\n"


def refresh(modules: Path) -> None:
    """Write `vendor/` and `NOTICE.txt` from an npm folder `node_modules` that holds the packages."""
    VENDOR.mkdir(exist_ok=True)
    for old in VENDOR.iterdir():
        old.unlink()
    rows = []
    for target, (name, path) in sorted(BUILT.items()):
        data = (modules / name / path).read_bytes()
        (VENDOR / target).write_bytes(data)
        licence = json.loads((modules / name / "package.json").read_text(encoding="utf-8"))["license"]
        rows.append(f"vendor/{target} | {name} | {PACKAGES[name]} | {licence} | {sha256(data).hexdigest()}\n")
    for name in PACKAGES:
        (VENDOR / f"LICENSE-{name}.txt").write_bytes((modules / name / "LICENSE").read_bytes())
    inside = bundled((modules / "graphiql" / "graphiql.min.js.map").read_text(encoding="utf-8"))
    texts = [licence_text(modules / name) for name in [*inside, *FONTS]]
    (VENDOR / "LICENSES-bundled.txt").write_text("\n".join(texts), encoding="utf-8", newline="\n")
    (HERE / "NOTICE.txt").write_text(NOTICE_HEAD + "".join(rows), encoding="utf-8", newline="\n")


def main() -> None:
    """Install into a temporary folder and refresh from it; raises CalledProcessError where npm fails."""
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()] + list(FOR_LICENCES)
    with TemporaryDirectory() as folder:
        subprocess.run(  # noqa: S603 # the arguments are the constants above
            ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder, *wanted],  # noqa: S607 # npm of whoever refreshes
            check=True,
        )
        refresh(Path(folder) / "node_modules")


if __name__ == "__main__":
    main()
