"""Look-ups of words in the index of a company's own file, see `spaces.sql.finding`."""

from collections.abc import Sequence

from schema.kind import Kind
from spaces.sql.finding import LookUp
from spaces.sql.names import CUSTOM
from spaces.sqlite.connections import CompanyFile
from spaces.sqlite.layout import side_words


def asked(look_up: LookUp) -> tuple[str, str]:
    """What is asked of the index: for what begins with the word, and for the whole one."""
    # Words are letters and numbers, so nothing in them is an operator; quoted, AND and NEAR are words, too.
    among = [f'{{{" ".join(look_up.columns)}}} : "{look_up.word}"'] if look_up.columns else []
    among += [f'{CUSTOM} : "{form}"' for form in look_up.forms]
    return " OR ".join([f"{each} *" for each in among]), " OR ".join(among)


def look_up(file: CompanyFile, look_ups: Sequence[LookUp], kind: Kind, company: str) -> tuple[dict[str, int], ...]:
    """What the look-ups find, in their order: two statements each, whatever there is."""
    if not look_ups:
        return ()
    words = side_words(kind)
    sql = (
        f"SELECT i.record_id FROM main.{words.index} CROSS JOIN main.{words.name} AS i"
        f" ON i.id = {words.index}.rowid WHERE {words.index} MATCH ? AND i.company_id = ?"
    )
    found = []
    for each in look_ups:
        begins, whole = asked(each)
        levels: dict[str, int] = {}
        for text, level in ((begins, each.weight), (whole, each.weight + 1)):
            levels |= dict.fromkeys([row[0] for row in file.connection.execute(sql, (text, company))], level)
        found.append(levels)
    return tuple(found)
