"""The socket that is served on."""

import asyncio
import socket

import pytest

from gateway.commands.serving import PortTaken, address, bind


async def test_answers_are_sent_without_delay() -> None:
    """Else the second part of an answer waits for the other side's acknowledgement, 40 ms on Linux."""
    accepted: asyncio.Queue[bool] = asyncio.Queue()

    def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        of: socket.socket = writer.get_extra_info("socket")
        accepted.put_nowait(bool(of.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
        writer.close()

    listener = bind("127.0.0.1", 0)
    async with await asyncio.start_server(greet, sock=listener):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        assert await accepted.get()
        writer.close()
        await writer.wait_closed()


def test_an_address_is_taken_from_when_it_is_bound() -> None:
    with bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert address(listener) == f"http://127.0.0.1:{port}"
        with pytest.raises(PortTaken, match=rf"^127\.0\.0\.1:{port} cannot be listened on: .+\.$"):
            bind("127.0.0.1", port)


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
def test_an_ipv6_address_stands_in_brackets() -> None:
    try:
        listener = bind("::1", 0)
    except PortTaken:
        pytest.skip("this machine has no IPv6")
    with listener:
        assert address(listener) == f"http://[::1]:{listener.getsockname()[1]}"
