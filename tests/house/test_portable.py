"""The tree works on any machine: no path of one, pinned packages with their hashes, data files that are packaged."""

import fnmatch
import re
import tomllib

from tests.house.tree import ROOMS, ROOT, files, source

# A folder of somebody's machine, written out; not one in an address such as https://example.org/home/x.
MACHINE_PATH = re.compile(r"(?<![\w.\-/<>])(?:/(?:home|Users|root|work|opt|mnt|srv)/\w|[A-Za-z]:\\Users\\)")
LOCKS = ("requirements.lock", "requirements-dev.lock")


def machine_paths(text: str, own: str = "") -> list[str]:
    """Lines that name a place of one machine, or `own`, the place of this tree."""
    return [
        f"{number}: {line.strip()[:80]}"
        for number, line in enumerate(text.splitlines(), 1)
        if MACHINE_PATH.search(line) or (own and own in line)
    ]


def unlocked(lock: str, needed: set[str]) -> list[str]:
    """What is wrong with a lock file: a package missing, without version or hash, an index, a place."""
    entries = [entry for entry in re.split(r"\n(?=\S)", lock.strip()) if not entry.startswith("#")]
    names = {entry.split("==")[0] for entry in entries if re.match(r"[a-z0-9-]+==\S+ \\\n    --hash=sha256:", entry)}
    found = [
        f"{entry.splitlines()[0]} is not pinned with a hash" for entry in entries if entry.split("==")[0] not in names
    ]
    found += [f"{line.strip()} names a place" for line in lock.splitlines() if "://" in line or "index" in line]
    return found + [f"{name} is missing" for name in sorted(needed - names)]


def unpackaged(paths: list[str], patterns: list[str]) -> list[str]:
    """Files of the rooms that an installed Multiway would lack."""
    return [path for path in paths if not any(fnmatch.fnmatch(path.split("/")[-1], p) for p in ["*.py", *patterns])]


def requirement(text: str) -> str:
    """The name of a requirement such as `oso==0.27.3`, in the normal form of lock files."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", text.strip())[0]).lower()


def test_no_file_names_a_place_of_one_machine() -> None:
    own = str(ROOT) if len(ROOT.parts) > 2 else ""  # a tree at /app, say, has the name of a thing, not of a place
    found = {}
    for path in files():
        data = (ROOT / path).read_bytes()
        if b"\0" not in data and (lines := machine_paths(data.decode(errors="replace"), own)):
            found[path] = lines
    assert found == {}


def test_the_locks_pin_all_that_is_asked_for() -> None:
    project = tomllib.loads(source("pyproject.toml"))["project"]
    run = {requirement(text) for text in project["dependencies"]}
    develop = {requirement(text) for text in project["optional-dependencies"]["dev"]}
    assert unlocked(source(LOCKS[0]), run) == []
    assert unlocked(source(LOCKS[1]), run | develop) == []
    pins = [dict(re.findall(r"^([a-z0-9-]+)==(\S+)", source(lock), re.MULTILINE)) for lock in LOCKS]
    assert pins[0].items() <= pins[1].items()


def test_every_file_of_the_rooms_is_packaged() -> None:
    tool = tomllib.loads(source("pyproject.toml"))["tool"]["setuptools"]
    in_rooms = [path for path in files() if path.split("/")[0] in ROOMS]
    assert unpackaged(in_rooms, tool["package-data"]["*"]) == []
    assert tool["packages"]["find"]["include"] == ["schema*", "policies*", "spaces*", "gateway*"]


def test_a_planted_place_is_seen() -> None:
    for place in ("/" + "home/ann/x", "see '/" + "Users/ann'", "C:" + "\\Users\\ann", "/x/tree/schema"):
        assert len(machine_paths(place, "/x/tree")) == 1, place
    assert machine_paths("https://example.org/home/ann, $HOME/x, /tmp/x, docs/home/x, the /home page") == []


def test_a_planted_lock_is_seen() -> None:
    good = "oso==0.27.3 \\\n    --hash=sha256:ab\n"
    assert unlocked(good, {"oso"}) == []
    assert unlocked(good, {"oso", "orjson"}) == ["orjson is missing"]
    assert unlocked("oso==0.27.3\n", set()) == ["oso==0.27.3 is not pinned with a hash"]
    assert unlocked("oso>=0.27 \\\n    --hash=sha256:ab\n", set()) != []
    assert unlocked("--extra-index-url x\n" + good, set()) != []
    assert unlocked("oso @ file://x/oso.whl \\\n    --hash=sha256:ab\n", set()) != []


def test_a_planted_data_file_is_seen() -> None:
    assert unpackaged(["schema/kinds/x.toml", "policies/rules.polar", "spaces/a.py"], ["*.toml"]) == [
        "policies/rules.polar"
    ]
