"""Whether a request comes from this machine and was meant for it."""

from ipaddress import ip_address

from starlette.requests import Request


def is_local(request: Request) -> bool:
    """True when the peer and the `Host` the request was sent to are both this machine.

    The peer alone is not enough: a foreign web site can point its own host name at 127.0.0.1 (DNS rebinding), and
    the visitor's browser would then read our answers as if they were that site's own.
    """
    return request.client is not None and _is_loopback(request.client.host) and _is_loopback(_named_host(request))


def _named_host(request: Request) -> str:
    """The host of the `Host` header without its port; empty where there is none."""
    host = request.headers.get("host", "")
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
