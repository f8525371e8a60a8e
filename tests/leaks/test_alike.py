"""All backends answer random operations alike, byte for byte. Its long form is `python -m tests.leaks.alike 3000`."""

from tests.leaks.alike import Alike


async def test_backends_answer_random_operations_alike() -> None:
    alike = Alike()
    found = [told for seed in range(15) if (told := await alike.scenario(seed))]
    await alike.close()
    assert not found, "\n\n".join(found)
    assert alike.operations > 60
    assert alike.written > 3
