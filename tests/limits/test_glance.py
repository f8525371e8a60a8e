"""What is refused at a glance, before it is parsed: just what would be refused after, in the same words."""

import asyncio
import re

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.app import application, glance_of
from gateway.limits.glance import bearer_of, plain_headers
from gateway.limits.table import LIMITS
from gateway.operations.seen import Seen, Watch
from gateway.seal import Seal
from spaces.memory import MemorySpaces
from tests.gateway.world import SEAL_KEY, World, add_people
from tests.limits.test_connections import SHORT, served

BODY = b'{"query": "{ viewer { email } }"}'
PLAIN = (b"Host: x", b"Authorization: Bearer abc", b"Content-Type: application/json", b"Accept: */*")


def request(*lines: bytes, first: bytes = b"POST /graphql HTTP/1.1", body: bytes = BODY, end: bytes = b"\r\n") -> bytes:
    """A request of these header lines, the length among them where none is given."""
    if not any(line.lower().startswith((b"content-length", b"transfer-encoding")) for line in lines):
        lines = (*lines, b"Content-Length: %d" % len(body))
    return end.join((first, *lines, b"", b"")) + body


def test_a_plain_request_is_read() -> None:
    found = plain_headers(request(*PLAIN, b"Connection: keep-alive", b"ACCEPT: text/x"), LIMITS)
    assert found
    assert bearer_of(found) == "abc"
    assert found[b"accept"] == b"*/*,text/x"


@pytest.mark.parametrize(
    "data",
    [
        request(*PLAIN)[:-1],
        request(*PLAIN) + b"x",
        request(*PLAIN) + request(*PLAIN),
        request(*PLAIN)[: -len(BODY) - 2],
        request(*PLAIN, first=b"GET /graphql HTTP/1.1"),
        request(*PLAIN, first=b"POST /graphql HTTP/1.0"),
        request(*PLAIN, first=b"POST /graphql?x=1 HTTP/1.1"),
        request(*PLAIN, end=b"\n"),
        request(*PLAIN, b"X: a\nContent-Length: 3"),
        request(*PLAIN, b"X: a\rb"),
        request(*PLAIN, b"X: a\0b"),
        request(*PLAIN, b" folded: x"),
        request(*PLAIN, b"X : x"),
        request(*PLAIN, b"no colon"),
        request(*PLAIN, b": x"),
        request(*PLAIN, b"Transfer-Encoding: chunked"),
        request(*PLAIN, b"Content-Length: 33", b"Transfer-Encoding: chunked"),
        request(*PLAIN, b"Content-Length: 33", b"Content-Length: 33"),
        request(*PLAIN, b"Content-Length: +33"),
        request(*PLAIN, b"Content-Length: 033"),
        request(*PLAIN, b"Content-Length: 33, 33"),
        request(*PLAIN, b"Content-Length: \xd9\xa3"),
        request(*PLAIN, b"Connection: close"),
        request(*PLAIN, b"Connection: upgrade", b"Upgrade: h2c"),
        request(*PLAIN, b"Expect: 100-continue"),
        request(*PLAIN, b"Host: y"),
        request(*PLAIN, b"Authorization: Bearer def"),
        request(*PLAIN[1:]),
        request(*PLAIN[:1], *PLAIN[2:]),
        request(*PLAIN, *[b"X-%d: 1" % n for n in range(LIMITS.headers)]),
        request(*PLAIN, b"X: " + b"y" * LIMITS.header_bytes),
        request(*PLAIN, body=b" " * (LIMITS.body_bytes + 1)),
    ],
)
def test_whatever_is_not_plain_goes_the_usual_way(data: bytes) -> None:
    assert plain_headers(data, LIMITS) is None


FINE = (
    b"X: a",
    b"x-1:b",
    b"X:  c \t",
    b"X:",
    b"Accept: text/x",
    b"Connection: keep-alive",
    b"X: \xff",
    b"CONTENT-language: en",
)
ODD = (
    b"Content-Length: 33",
    b"content-length: 32",
    b"Content-Length:33 ",
    b"Transfer-Encoding: chunked",
    b"Connection: close",
    b"X: \r\n y",
    b"\tX: y",
    b"X\xff: y",
    b"X: \x01",
    b"X: \x7f",
    b"Host: y",
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(FINE), max_size=5),
    st.lists(st.sampled_from(ODD), max_size=1),
    st.sampled_from((b"", b"", b"", b"x", BODY)),
    st.sampled_from((0, 0, 0, 1, 40)),
)
def test_what_is_read_at_a_glance_is_what_a_parser_reads(
    fine: list[bytes], odd: list[bytes], more: bytes, cut: int
) -> None:
    data = request(*PLAIN, *fine, *odd) + more
    data = data[: len(data) - cut]
    found = plain_headers(data, LIMITS)
    if found is None:
        return
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(data)
    head, body, end, after = (connection.next_event() for _ in range(4))
    assert isinstance(head, h11.Request)
    assert isinstance(body, h11.Data)
    assert isinstance(end, h11.EndOfMessage)
    assert after in (h11.PAUSED, h11.NEED_DATA)
    assert connection.trailing_data == (b"", False)
    assert bytes(body.data) == data.partition(b"\r\n\r\n")[2]
    parsed: dict[bytes, bytes] = {}
    for name, value in head.headers:
        parsed[name] = parsed[name] + b"," + value if name in parsed else value
    assert parsed == found


async def _told(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).decode()
    headers = dict(re.findall(r"^([\w-]+): (.*)\r$", head.lower(), re.MULTILINE))
    assert len(headers) == head.count("\r\n") - 2
    return int(head.split()[1]), headers, await reader.readexactly(int(headers["content-length"]))


@pytest.mark.parametrize("accept", [b"*/*", b"application/graphql-response+json", b"application/json;q=0.5"])
async def test_it_says_what_is_said_after_parsing_and_the_connection_goes_on(accept: bytes) -> None:
    world = World(MemorySpaces(), limits=SHORT)
    await add_people(world.spaces)
    pipeline, seen = world.gateway.pipeline, list[Seen]()
    watch = Watch(Seal(SEAL_KEY), seen.append)
    glances: list[bytes | None] = []

    def glance(data: bytes, more: bytes) -> bytes | None:
        glances.append(glance_of(pipeline, watch)(data, more))
        return glances[-1]

    token = world.token("ann").encode()
    asked = request(
        b"Host: x", b"Authorization: Bearer " + token, b"Content-Type: application/json", b"Accept: " + accept
    )
    slow = asked.replace(b"\r\nHost", b"\r\nTE: x\r\nHost")  # not plain
    async with served(app=application(pipeline, watch=watch), glance=glance) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def ask(data: bytes) -> tuple[int, dict[str, str], bytes]:
            writer.write(data)
            return await _told(reader)

        assert (await ask(asked))[0] == 200
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)  # whose first request is refused
        pipeline.admission._taken, pipeline.admission._waiting = pipeline.admission._places, 10_000
        quick = await ask(asked)
        await asyncio.sleep(2 * SHORT.header_seconds)  # its clock does not go on
        usual, again = await ask(slow), await ask(asked)
        assert quick[0] == 503
        for one in (quick, usual, again):
            one[1].pop("date")
        assert quick == usual == again
        pipeline.admission._taken = pipeline.admission._waiting = 0
        assert (await ask(asked))[0] == 200
        writer.close()
    assert [answer is not None for answer in glances] == [False, True, False, True, False]
    assert [(one.status, one.codes) for one in seen[1:4]] == [(503, ("OVERLOADED",))] * 3
    assert seen[1].size == seen[2].size == len(quick[2])
