"""Readers of plain values: one a base type, from JSON-like input to the stored scalar, or BadInput."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from schema.codes import COUNTRIES
from schema.errors import BadInput
from schema.field import Base, FieldType
from schema.names import COMPANY_PREFIX, PERSON_PREFIX, prefix_of
from schema.where import Scalar

_Path = tuple[str, ...]

_INT64 = 2**63
_MOST_TOLD = 20
_UNPRINTABLE = re.compile(r"[\x00\ud800-\udfff]")
_WORD = r"[^@\s\x00-\x20\x7f<>\"(),:;\[\]\\]"
_EMAIL = re.compile(rf"{_WORD}+@(?:(?!\.){_WORD})+(?:\.(?:(?!\.){_WORD})+)+")
# http and https alone: a link that one company wrote is shown to others, and must not be a script
_GRAPHIC = r"[^\s\x00-\x20\x7f<>\"\\]"
_URL = re.compile(rf"https?://(?:(?![/?#@:]){_GRAPHIC})+(?::\d{{1,5}})?(?:[/?#]{_GRAPHIC}*)?", re.IGNORECASE)
_PHONE = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def read_text(type_: FieldType, value: object, path: _Path) -> str:
    """Text in NFC, so that twins that look alike are equal; no U+0000 and no lone surrogate."""
    if not isinstance(value, str):
        raise BadInput("A text is expected.", field=path)
    if _UNPRINTABLE.search(value):
        raise BadInput("This text has a character that cannot be stored.", field=path)
    text = unicodedata.normalize("NFC", value)
    if type_.max_length is not None and len(text) > type_.max_length:
        raise BadInput(f"This text is longer than {type_.max_length:,} characters.", field=path)
    return text


def _read_email(type_: FieldType, value: object, path: _Path) -> str:
    return _matching(_EMAIL, "This is not an e-mail address.", read_text(type_, value, path), path)


def _read_phone(type_: FieldType, value: object, path: _Path) -> str:
    """As ITU-T E.164 writes it: a plus and 7 to 15 digits. Blanks and dashes between them are dropped."""
    bare = value.replace(" ", "").replace("-", "") if isinstance(value, str) else value
    rule = "A telephone number is written with its country code, e.g. +49 30 1234567."
    return _matching(_PHONE, rule, read_text(type_, bare, path), path)


def _read_url(type_: FieldType, value: object, path: _Path) -> str:
    return _matching(_URL, "This is not an http or https address.", read_text(type_, value, path), path)


def _matching(pattern: re.Pattern[str], rule: str, text: str, path: _Path) -> str:
    if not pattern.fullmatch(text):
        raise BadInput(rule, field=path)
    return text


def _read_integer(type_: FieldType, value: object, path: _Path) -> int:
    """A whole number, never a bool or a float, within the type's bounds and 64 bits."""
    if type(value) is not int:
        raise BadInput("A whole number is expected.", field=path)
    low = -_INT64 if type_.low is None else type_.low
    high = _INT64 - 1 if type_.high is None else type_.high
    if not low <= value <= high:
        raise BadInput(f"A whole number from {low} to {high} is expected.", field=path)
    return value


def _read_number(type_: FieldType, value: object, path: _Path) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput("A number is expected.", field=path)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise BadInput("A finite number is expected.", field=path)
    return number


def _read_boolean(type_: FieldType, value: object, path: _Path) -> bool:
    if not isinstance(value, bool):
        raise BadInput("True or false is expected.", field=path)
    return value


def _read_date(type_: FieldType, value: object, path: _Path) -> str:
    rule = "A date is written YYYY-MM-DD."
    text = _matching(_DATE, rule, read_text(type_, value, path), path)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadInput(rule, field=path) from None


def _read_datetime(type_: FieldType, value: object, path: _Path) -> str:
    """In UTC with microseconds, so that texts sort by time."""
    rule = "A time is written YYYY-MM-DDTHH:MM:SS, with up to 6 decimals and with Z or an offset like +02:00."
    text = _matching(_DATETIME, rule, read_text(type_, value, path), path)
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(rule, field=path) from None
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _read_option(type_: FieldType, value: object, path: _Path) -> str:
    text = read_text(type_, value, path)
    if text not in type_.options:
        raise BadInput(_no_option(type_), field=path)
    return text


def _no_option(type_: FieldType) -> str:
    if "_" not in type_.name:
        return f"This is not a value of {type_.name}."
    # a custom picklist, whose type has a name for GraphQL alone
    told = type_.options[:_MOST_TOLD]
    more = ", …" if len(type_.options) > _MOST_TOLD else ""
    return f"This is none of the options {', '.join(told)}{more}."


def _read_country(type_: FieldType, value: object, path: _Path) -> str:
    text = read_text(type_, value, path)
    if text not in COUNTRIES:
        raise BadInput("This is not an ISO 3166 alpha-2 country code.", field=path)
    return text


def _read_person(type_: FieldType, value: object, path: _Path) -> str:
    return _with_prefix(PERSON_PREFIX, "This is not the id of a person.", value, path)


def _read_company(type_: FieldType, value: object, path: _Path) -> str:
    return _with_prefix(COMPANY_PREFIX, "This is not the id of a company.", value, path)


def _with_prefix(prefix: str, rule: str, value: object, path: _Path) -> str:
    if not isinstance(value, str) or prefix_of(value) != prefix:
        raise BadInput(rule, field=path)
    return value


def _read_record(type_: FieldType, value: object, path: _Path) -> str:
    """A well-formed id; whether it is of the linked kind, and whether the caller may see it, is for the gateway."""
    if not isinstance(value, str) or prefix_of(value) in (None, PERSON_PREFIX, COMPANY_PREFIX):
        raise BadInput("This is not the id of a record.", field=path)
    return value


READERS: Mapping[Base, Callable[[FieldType, object, _Path], Scalar]] = {
    Base.TEXT: read_text,
    Base.URL: _read_url,
    Base.EMAIL: _read_email,
    Base.PHONE: _read_phone,
    Base.INTEGER: _read_integer,
    Base.NUMBER: _read_number,
    Base.BOOLEAN: _read_boolean,
    Base.DATE: _read_date,
    Base.DATETIME: _read_datetime,
    Base.PICKLIST: _read_option,
    Base.COUNTRY: _read_country,
    Base.PERSON: _read_person,
    Base.COMPANY: _read_company,
    Base.RECORD: _read_record,
}
