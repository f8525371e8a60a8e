"""Refuses, before Oso sees it, every policy that could fail open or reach outside its facts.

1. Cut into tokens, split into rules, parse each head.
2. Heads: only the predicates that the text may define, each with its known parameters.
3. Bodies: no negation, no side effects, no host objects, no attribute but a declared fact or column; of a set of
   fields, only whether it holds one.
4. Calls: only helpers of the same text, facts in the same places, no cycles (an endless helper is a stopped server).

Refused words name what was measured or feared: a missing attribute inside `not` is swallowed; `cut` and `forall`
hide rules; `matches`, `new` and classes reach into Python; `print` and `debug` write and read the console.
An attribute that a dict lacks fails without a word in Polar, so a misspelt fact in a deny rule would open; that is
why facts are reached only as `viewer.x`, `side.x`, `record.x`, `participant.x`, under these very names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

from policies.facts import ACTIONS, is_set
from policies.tokens import Token, cut, refuse

Reads: TypeAlias = Mapping[str, frozenset[str]]
"""For "viewer" and each subject the attributes that a text reads."""

DECISIONS: Mapping[str, str] = {
    "side_field": "side",
    "allow_side_field": "side",
    "deny_side_field": "side",
    "allow_own_field": "side",
    "joint_field": "record",
    "deny_joint_field": "record",
    "allow_joint_field": "record",
    "participant_field": "participant",
    "company_field": "company",
}
"""The predicates that are asked, with the subject of each: (viewer, action, subject, field, reason)."""

FOR_COMPANIES = frozenset({"allow_side_field", "deny_side_field", "deny_joint_field"})
FOR_DEFINITIONS = FOR_COMPANIES | {"allow_own_field", "allow_joint_field"}
"""What a text may define that is compiled from a company's definitions."""
HELPER_PREFIX = "our_"
FACT_NAMES = ("viewer", "side", "record", "participant", "company")

_REFUSED = frozenset(
    {"not", "forall", "cut", "matches", "new", "print", "debug", "nil", "isa", "is", "mod", "rem", "type"}
    | {"actor", "resource", "global", "allow", "allow_field", "allow_request"}
    | {"has_permission", "has_role", "has_relation"}
)
_KEYWORDS = frozenset({"if", "and", "or", "in", "true", "false"})
_MAX_TEXT = 65_536  # characters
_MAX_COMPILED = 16 * _MAX_TEXT  # what compiles a text bounds it before, as the company writes it
_MAX_RULE = 400  # tokens; Oso walks a rule's terms recursively, and a stack that overflows ends the process
_MAX_DEPTH = 16  # brackets within brackets, for the same reason


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a text may name: the attributes of the viewer and of each subject, and every field name."""

    attributes: Mapping[str, frozenset[str]]
    ambiguous: Mapping[str, frozenset[str]]  # names that are a fact and a column of some kind at once
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Rule:
    name: Token
    parameters: tuple[Token, ...]
    body: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class _Call:
    inside: str
    name: Token
    arguments: tuple[str | None, ...]  # the fact's name where an argument is a bare fact


def check(text: str, vocabulary: Vocabulary, *, company: bool, compiled: bool = False) -> Reads:
    """What the text reads. `company` says that it is a company's: it may then define no decision but those of
    FOR_COMPANIES, or FOR_DEFINITIONS where it is `compiled` from them, and helpers whose names begin with
    HELPER_PREFIX. Raises BadDeclaration with line and word."""
    may_define = (FOR_DEFINITIONS if compiled else FOR_COMPANIES) if company else frozenset(DECISIONS)
    most = _MAX_COMPILED if compiled else _MAX_TEXT
    if len(text) > most:
        raise refuse(1, f"longer than {most} characters")
    rules = [_rule(tokens) for tokens in _split(list(cut(text)))]
    for rule in rules:
        _check_head(rule, vocabulary, may_define, company=company)
    reads: dict[str, set[str]] = {name: set() for name in FACT_NAMES}
    calls: list[_Call] = []
    for rule in rules:
        calls += _check_body(rule, vocabulary, reads)
    _check_calls(rules, calls, () if company else FOR_DEFINITIONS)
    return {name: frozenset(attributes) for name, attributes in reads.items()}


def _split(tokens: Sequence[Token]) -> list[list[Token]]:
    """Tokens of each rule, without the semicolon; no rule too long or too deep."""
    rules: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "word" and (token.text in _REFUSED or token.text[0].isupper()):
            previous = rules[-1][-1].text if rules[-1] else ""
            if previous != ".":  # as an attribute it is looked up among the facts
                raise refuse(token.line, f"the word '{token.text}' is not allowed")
        depth += (token.text in "([") - (token.text in ")]") if token.kind == "mark" else 0
        if depth > _MAX_DEPTH:
            raise refuse(token.line, f"more than {_MAX_DEPTH} brackets within each other")
        if token.text == ";":
            if not rules[-1]:
                raise refuse(token.line, "an empty rule")
            rules.append([])
        else:
            rules[-1].append(token)
        if len(rules[-1]) > _MAX_RULE:
            raise refuse(token.line, f"a rule of more than {_MAX_RULE} words")
    if rules[-1]:
        raise refuse(rules[-1][-1].line, "the last rule does not end in ';'")
    return rules[:-1]


def _rule(tokens: Sequence[Token]) -> _Rule:
    """Head and body of one rule: `name(parameter, …)` or `name(parameter, …) if body`."""
    line = tokens[0].line
    shape = [t.text for t in tokens]
    if tokens[0].kind != "word" or shape[1:2] != ["("] or ")" not in shape:
        raise refuse(line, "a rule begins with a name and its parameters in brackets")
    end = shape.index(")")
    inner = tokens[2:end]
    parameters, commas = inner[::2], inner[1::2]
    plain = all(p.kind != "mark" for p in parameters) and all(c.text == "," for c in commas)
    if not plain or len(inner) % 2 != 1:
        raise refuse(line, "a parameter is a variable, a string, a number, true or false")
    if shape[end + 1 : end + 2] not in ([], ["if"]) or len(tokens) == end + 2:
        raise refuse(line, "'if' and a condition must follow the head")
    return _Rule(tokens[0], tuple(parameters), tuple(tokens[end + 2 :]))


def _check_head(rule: _Rule, vocabulary: Vocabulary, may_define: frozenset[str], *, company: bool) -> None:
    """The name is one that the text may define, and facts have their own names and places."""
    name, line = rule.name.text, rule.name.line
    subject = DECISIONS.get(name)
    if (subject and name not in may_define) or not (subject or name.startswith(HELPER_PREFIX)):
        raise refuse(line, f"'{name}' may not be defined here")
    texts = [p.text for p in rule.parameters]
    if not subject:
        return
    if len(texts) != 5:
        raise refuse(line, f"'{name}' has five parameters: viewer, action, {subject}, field, reason")
    for place, fact in ((0, "viewer"), (2, subject)):
        if texts[place] != fact and not texts[place].startswith("_"):
            raise refuse(line, f"parameter {place + 1} of '{name}' must be called '{fact}' (or '_{fact}', unused)")
    for place in (1, 3, 4):
        if texts[place] in (*FACT_NAMES, *_KEYWORDS):
            raise refuse(line, f"'{texts[place]}' stands in the wrong place")
    _check_literals(rule, vocabulary, company)


def _check_literals(rule: _Rule, vocabulary: Vocabulary, company: bool) -> None:
    """A decision's action and field exist, and its reason is text."""
    _, action, _, field, reason = rule.parameters
    line = rule.name.line
    if action.kind == "number" or (action.kind == "string" and action.text[1:-1] not in ACTIONS):
        raise refuse(line, f"{action.text} is no action")
    if field.kind != "word":
        _check_field_name(field, vocabulary)
    elif field.text != "field" and not field.text.startswith("_"):
        raise refuse(line, "parameter 4 must be called 'field' (or '_field', unused), or name a field")
    if reason.kind != "string" and company:
        raise refuse(line, "the last parameter is the reason, a string")


def _check_body(rule: _Rule, vocabulary: Vocabulary, reads: dict[str, set[str]]) -> list[_Call]:
    """The calls that the body makes; notes every attribute that it reads."""
    calls: list[_Call] = []
    body = rule.body
    texts = [t.text for t in body]
    parameters = {p.text for p in rule.parameters}
    skip: set[int] = set()  # places that belong to a call or an attribute already checked
    for i, token in enumerate(body):
        if i in skip or token.kind != "word" or token.text in _KEYWORDS:
            if token.text == "." and i not in skip:
                raise refuse(token.line, "only viewer, side, record and participant have attributes")
            continue
        after = texts[i + 1] if i + 1 < len(texts) else ""
        if after == "(":
            call, places = _call(rule.name.text, body, i)
            for unknown in {fact for fact in call.arguments if fact} - parameters:
                raise refuse(token.line, f"'{unknown}' is not a parameter of this rule")
            calls.append(call)
            skip |= places
        elif token.text in FACT_NAMES:
            if after != "." or i + 2 >= len(body):
                raise refuse(token.line, f"'{token.text}' may only be read by attribute or handed to a helper")
            _attribute(token.text, body[i + 2], vocabulary, reads)
            if token.text == "side" and is_set(texts[i + 2]):
                _check_set(body, i, vocabulary)
            if texts[i + 3 : i + 4] in (["."], ["("]):
                raise refuse(token.line, f"'{token.text}.{texts[i + 2]}' has no attributes and cannot be called")
            if token.text not in parameters:
                raise refuse(token.line, f"'{token.text}' is not a parameter of this rule")
            skip |= {i + 1, i + 2}
    _check_field_names(body, vocabulary)
    return calls


def _attribute(fact: str, attribute: Token, vocabulary: Vocabulary, reads: dict[str, set[str]]) -> None:
    if attribute.kind != "word" or attribute.text not in vocabulary.attributes[fact]:
        raise refuse(attribute.line, f"'{fact}' has no attribute '{attribute.text}'")
    if attribute.text in vocabulary.ambiguous[fact]:
        raise refuse(attribute.line, f"'{fact}.{attribute.text}' means a fact and a column of some kind")
    reads[fact].add(attribute.text)


def _check_set(body: Sequence[Token], at: int, vocabulary: Vocabulary) -> None:
    """A set of a side's fields is only asked whether it holds one: another question could not be answered before the
    side's kind and sharing are known."""
    held, word = body[max(at - 2, 0)], body[max(at - 1, 0)].text
    if word != "in" or not (held.kind == "string" or held.text == "field"):
        name = f"side.{body[at + 2].text}"
        raise refuse(body[at].line, f"'{name}' may only stand behind 'field in' or a field's name in quotes and 'in'")
    if held.kind == "string":
        _check_field_name(held, vocabulary)


def _call(inside: str, body: Sequence[Token], at: int) -> tuple[_Call, set[int]]:
    """The call at this place, and the places of its bare facts. An argument is one plain token."""
    arguments: list[str | None] = []
    places: set[int] = set()
    i = at + 2
    while i < len(body) and body[i].text != ")":
        if body[i].text in FACT_NAMES and body[i + 1 : i + 2] and body[i + 1].text in (",", ")"):
            arguments.append(body[i].text)
            places.add(i)
        else:
            arguments.append(None)
        while i < len(body) and body[i].text not in (",", ")"):
            if body[i].text in ("(", "["):
                raise refuse(body[i].line, "an argument of a helper may not hold brackets")
            i += 1
        i += i < len(body) and body[i].text == ","
    return _Call(inside, body[at], tuple(arguments)), places


def _check_field_names(body: Sequence[Token], vocabulary: Vocabulary) -> None:
    """Strings that are compared with the variable `field` name fields: a misspelt one in a deny rule would open."""
    for i, token in enumerate(body[:-2]):
        compared = body[i + 1].text in ("=", "==", "!=", "in")
        if token.kind == "string" and compared and body[i + 2].text == "field":
            _check_field_name(token, vocabulary)
        if token.text != "field" or not compared:
            continue
        for literal in body[i + 2 :]:
            if literal.kind == "string":
                _check_field_name(literal, vocabulary)
            if literal.text not in ("[", ",") and literal.kind != "string":
                break


def _check_field_name(literal: Token, vocabulary: Vocabulary) -> None:
    if literal.text[1:-1] not in vocabulary.fields:
        raise refuse(literal.line, f"{literal.text} is no field")


def _check_calls(rules: Sequence[_Rule], calls: Sequence[_Call], extra: Sequence[str] | frozenset[str]) -> None:
    """Every call reaches a helper of this text, hands it facts where it names them, and helpers never go round."""
    defined: dict[tuple[str, int], list[_Rule]] = {}
    for rule in rules:
        defined.setdefault((rule.name.text, len(rule.parameters)), []).append(rule)
    for call in calls:
        name, line = call.name.text, call.name.line
        clauses = defined.get((name, len(call.arguments)), [])
        if not clauses or (name in DECISIONS and name not in extra):
            raise refuse(line, f"there is no helper '{name}' with {len(call.arguments)} parameters")
        for clause in clauses:
            for given, parameter in zip(call.arguments, clause.parameters, strict=True):
                named = parameter.text if parameter.text in FACT_NAMES else None
                if given != named and not (given and parameter.text.startswith("_")):
                    raise refuse(line, f"'{name}' is handed {given or 'a value'} in the place of {parameter.text}")
    graph: dict[str, set[str]] = {}
    for call in calls:
        graph.setdefault(call.inside, set()).add(call.name.text)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        line, name = min((r.name.line, r.name.text) for r in rules if r.name.text in error.args[1])
        raise refuse(line, f"'{name}' calls itself") from None
