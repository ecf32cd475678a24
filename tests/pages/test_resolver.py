"""Names: looked up once for all who ask, given up when nobody answers, and never the reason for a stop elsewhere."""

import asyncio
import socket
from ipaddress import IPv4Network

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from pipeline.pages.guard import AddressForbiddenError, Guard
from pipeline.pages.resolver import GuardedResolver


class Names(AbstractResolver):
    """Counts lookups; `slow` never answers, `none` has no address, every other name is `address`."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.asked: list[str] = []
        self._address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        await asyncio.sleep(3600 if host == "slow" else 0)
        if host == "none":
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [ResolveResult(hostname=host, host=self._address, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        pass


def resolver(names: Names, seconds: float = 60.0) -> GuardedResolver:
    return GuardedResolver(Guard([IPv4Network("127.0.0.0/8")]), names, seconds)


def test_a_name_is_looked_up_once_for_all_who_ask() -> None:
    async def run() -> list[str]:
        names = Names()
        guarded = resolver(names)
        answers = await asyncio.gather(*(guarded.resolve("good", 80) for _ in range(10)))
        answers.append(await guarded.resolve("good", 80))
        assert {answer[0]["host"] for answer in answers} == {"127.0.0.1"}
        await guarded.close()
        return names.asked

    assert asyncio.run(run()) == ["good"]


def test_that_a_name_has_no_address_is_kept_too() -> None:
    async def run() -> list[str]:
        names = Names()
        guarded = resolver(names)
        for _ in range(3):
            with pytest.raises(socket.gaierror):
                await guarded.resolve("none", 80)
        await guarded.close()
        return names.asked

    assert asyncio.run(run()) == ["none"]


def test_a_lookup_that_nobody_answers_is_given_up() -> None:
    async def run() -> None:
        guarded = resolver(Names(), seconds=0.05)
        with pytest.raises(socket.gaierror, match="does not answer"):
            await guarded.resolve("slow", 80)
        await guarded.close()

    asyncio.run(run())


def test_who_gives_up_waiting_takes_nothing_from_the_others() -> None:
    async def run() -> list[ResolveResult]:
        guarded = resolver(Names())
        impatient = asyncio.create_task(guarded.resolve("good", 80))
        patient = asyncio.create_task(guarded.resolve("good", 80))
        await asyncio.sleep(0)
        impatient.cancel()
        found = await patient
        await guarded.close()
        return found

    assert asyncio.run(run())[0]["host"] == "127.0.0.1"


def test_a_name_with_forbidden_addresses_only_is_forbidden() -> None:
    async def run() -> None:
        guarded = resolver(Names("10.0.0.1"))
        with pytest.raises(AddressForbiddenError):
            await guarded.resolve("inner", 80)
        await guarded.close()

    asyncio.run(run())
