"""The main job as an operation, as clients send it, and what it answers by record and company."""

from collections.abc import Mapping
from typing import Any

PAGE = """
query PipelinePage($first: Int! = 50, $after: String) {
  opportunities(first: $first, after: $after, orderBy: [{field: UPDATED_AT, direction: DESC}]) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      id
      name
      customer { name industry country }
      participants { company { name } role status }
      mine { stage amount { amount currency } probability forecastCategory targetCloseDate nextStep owner { name } }
      partners { company { id name } stage amount { amount currency } probability forecastCategory targetCloseDate nextStep owner { name } }
    }
  }
}
"""  # noqa: E501 # word for word as the contract has it

SHOWN = ("stage", "amount", "probability", "forecastCategory", "targetCloseDate", "nextStep", "owner")


def sides(data: Mapping[str, Any], own: str) -> dict[str, dict[str, dict[str, Any]]]:
    """The page's sides: by the record's name, then by the company's name; the caller's side under `own`."""
    found = {}
    for node in data["opportunities"]["nodes"]:
        partners = {p["company"]["name"]: {name: p[name] for name in SHOWN} for p in node["partners"]}
        found[node["name"]] = partners if node["mine"] is None else {own: node["mine"], **partners}
    return found
