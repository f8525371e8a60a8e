"""Every limit with its value, in one frozen object. Each names its code, its HTTP status and the file that checks it;
docs/limits.md says the same, which a test compares, and tests/limits has a case at and one past each.
"""

from dataclasses import dataclass, field, replace
from typing import Any


def _limit(default: float, code: str, status: int, where: str) -> Any:
    return field(default=default, metadata={"code": code, "status": status, "where": where})


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may cost. Sizes in bytes, times in seconds; the rest are counts."""

    headers: int = _limit(100, "HEADERS_TOO_LARGE", 431, "gateway/limits/http.py")
    header_bytes: int = _limit(32 * 1024, "HEADERS_TOO_LARGE", 431, "gateway/limits/http.py")
    header_seconds: float = _limit(10, "REQUEST_TIMEOUT", 408, "gateway/limits/connection.py")
    body_bytes: int = _limit(256 * 1024, "REQUEST_TOO_LARGE", 413, "gateway/limits/http.py")
    body_seconds: float = _limit(15, "REQUEST_TIMEOUT", 408, "gateway/limits/http.py")
    stall_seconds: float = _limit(30, "closed", 0, "gateway/limits/connection.py")
    connections: int = _limit(1_000, "closed", 0, "gateway/limits/connection.py")
    viewer_requests: int = _limit(50, "TOO_MANY_REQUESTS", 429, "gateway/limits/traffic.py")
    running_requests: int = _limit(8, "OVERLOADED", 503, "gateway/limits/admission.py")
    waiting_requests: int = _limit(64, "OVERLOADED", 503, "gateway/limits/admission.py")
    json_depth: int = _limit(32, "BAD_REQUEST", 400, "gateway/limits/body.py")
    json_values: int = _limit(5_000, "BAD_REQUEST", 400, "gateway/limits/body.py")
    string_bytes: int = _limit(64 * 1024, "BAD_REQUEST", 400, "gateway/limits/body.py")
    list_items: int = _limit(250, "LIST_TOO_LONG", 400, "gateway/limits/body.py")
    tokens: int = _limit(2_000, "TOKENS", 400, "gateway/limits/tokens.py")
    nesting: int = _limit(200, "NESTING", 400, "gateway/limits/tokens.py")
    depth: int = _limit(12, "DEPTH", 400, "gateway/limits/shape.py")
    height: int = _limit(500, "HEIGHT", 400, "gateway/limits/shape.py")
    aliases: int = _limit(30, "ALIASES", 400, "gateway/limits/shape.py")
    query_roots: int = _limit(20, "ROOT_FIELDS", 400, "gateway/limits/shape.py")
    mutation_roots: int = _limit(10, "ROOT_FIELDS", 400, "gateway/limits/shape.py")
    directives: int = _limit(50, "DIRECTIVES", 400, "gateway/limits/shape.py")
    plan_seconds: float = _limit(0.2, "PLAN_TOO_LARGE", 400, "gateway/plan.py")
    plan_steps: int = _limit(10_000, "PLAN_TOO_LARGE", 400, "gateway/limits/cost.py")
    search_characters: int = _limit(200, "SEARCH_TEXT", 400, "gateway/limits/search.py")
    search_words: int = _limit(8, "SEARCH_TEXT", 400, "gateway/limits/search.py")
    page_size: int = _limit(100, "PAGE_SIZE", 400, "gateway/limits/cost.py")
    cost: int = _limit(1_000, "COST_ESTIMATED_TOO_EXPENSIVE", 400, "gateway/limits/cost.py")
    cost_per_minute: int = _limit(50_000, "RATE_LIMITED", 429, "gateway/limits/traffic.py")
    run_seconds: float = _limit(10, "DEADLINE_EXCEEDED", 504, "gateway/pipeline.py")


LIMITS = Limits()

UNMETERED = replace(LIMITS, cost_per_minute=0, running_requests=10_000)
"""For who asks in this process and meters itself."""
