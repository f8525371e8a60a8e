"""GraphiQL for the demo: a page where one query is asked as one person after another, served with no internet."""

from gateway.graphiql.demo_person import DemoPerson
from gateway.graphiql.serve import FIRST_QUERY, routes

__all__ = ["FIRST_QUERY", "DemoPerson", "routes"]
