"""What every program of test/drivers does (test/support/drivers/contract.ts); the same as ../node/contract.mjs.

A driver's `Client(url, settings)` has coroutines: `transaction(statements)` gives the first value of each statement's first row,
`probe()` (connects as the pool does, and throws its error), `cancel(text)`, `copy(table, columns, rows)`, `listen(channel, on_notice)`, `close()`; and `mark(n)`, its n-th placeholder.
`prepares = False` says that the driver has no prepared statements.
"""

import asyncio
import json
import random
import re
import signal
import sys
from urllib.parse import parse_qs, urlsplit, urlunsplit, urlencode

INSERT = "INSERT INTO driver_rows VALUES ({0}, {1}, {2}, {3}) ON CONFLICT DO NOTHING RETURNING n"
OWN = "SELECT count(*) FROM driver_rows WHERE run = {0} AND driver = {1} AND worker = {2}"
# Statements that the session which answers has prepared; by their end, so that this one is not counted.
NAMED = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE {0}"
ONE = ("SELECT 1", ())


def is_hopeless(code):
    """SQLSTATE classes that a repeat cannot heal: data, constraint, prepared statement, syntax or right."""
    return re.match("22|23|26|42", code or "") is not None


def code_of(error):
    """SQLSTATE of an error, or of the one that it wraps."""
    for each in (error, getattr(error, "orig", None), error.__cause__):
        code = getattr(each, "sqlstate", None) or getattr(each, "pgcode", None)
        if code is not None:
            return code
    return None


def must(condition, message):
    if not condition:
        raise AssertionError(message)


def with_parameter(url, name, value):
    parts = urlsplit(url)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    return urlunsplit(parts._replace(query=urlencode({**query, name: value})))


class Smoke:
    """One pass over what a driver can do."""

    def __init__(self, make, given):
        self.make = make
        self.given = given
        self.client = make(given["url"], given["settings"])
        self.own = (given["run"], given["driver"])

    def text(self, statement):
        return statement.format(*(self.client.mark(n) for n in range(1, 5)))

    async def value(self, text, *values):
        return (await self.client.transaction([(self.text(text), values)]))[0]

    async def prepared(self):
        seen = False
        # Of this driver alone: others use the same server connections.
        tag = f"AND n >= 0 /* {self.given['driver']} */"
        for turn in range(100):
            statements = [(self.text(f"{OWN} {tag}"), (*self.own, -1)), (self.text(NAMED), (f"%{tag}",))]
            zero, count = await self.client.transaction(statements)
            must(zero == 0, "another answer than 0")
            seen = seen or count > 0
            if seen and turn > 12:
                break
        if getattr(self.client, "prepares", True):
            return seen or "no prepared statement in the server"
        must(not seen, "a prepared statement in the server")
        raise NotImplementedError

    async def transaction(self):
        await self.client.transaction([(self.text(INSERT), (*self.own, 0, 0))])
        undone = [(self.text(INSERT), (*self.own, 0, 1)), ("SELECT 1 / 0", ())]
        try:
            await self.client.transaction(undone)
        except Exception:
            pass
        return await self.value(OWN, *self.own, 0) == 1

    async def recovery(self):
        try:
            await self.client.transaction([("SELECT 1 / 0", ())])
        except Exception as error:
            must(code_of(error) == "22012", f"the error was {code_of(error)}")
        return (await self.client.transaction([ONE]))[0] == 1

    async def cancel(self):
        tag = "/* cancel {} {} */".format(*self.own)
        await self.client.cancel(f"SELECT pg_sleep(30) {tag}")
        running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE {0}"
        for _ in range(40):
            if await self.value(running, f"SELECT pg_sleep%{tag}") == 0:
                return True
            await asyncio.sleep(0.05)
        return "the query went on"

    async def copy(self):
        await self.client.copy("driver_copies", ("run", "driver", "n"), [(*self.own, n) for n in (1, 2, 3)])
        return await self.value("SELECT sum(n) FROM driver_copies WHERE run = {0} AND driver = {1}", *self.own) == 6

    async def listen(self):
        channel = "c_{1}_{0}".format(*self.own).replace("-", "_")
        heard = asyncio.Event()
        end = await self.client.listen(channel, heard.set)
        await self.client.transaction([(f"NOTIFY {channel}", ())])
        try:
            await asyncio.wait_for(heard.wait(), 1)
            return True
        except asyncio.TimeoutError:
            return False
        finally:
            await end()

    async def advisoryLock(self):
        key = "hashtext('{}{}')".format(*self.own)
        await self.client.transaction([(f"SELECT pg_advisory_lock({key})::text", ())])
        again = [(f"SELECT pg_try_advisory_lock({key})", ()), ("SELECT pg_sleep(0.1)::text", ())]
        others = await asyncio.gather(*(self.client.transaction(again) for _ in range(4)))
        return not any(got for got, _ in others)

    async def verified(self):
        foreign = with_parameter(self.given["url"], "sslrootcert", self.given["foreignCa"])
        for url in (foreign, self.given["otherAddressUrl"]):
            other = self.make(url, self.given["settings"])
            try:
                await other.probe()
                return "a wrong certificate was accepted"
            except Exception as error:
                said = f"{error} {error.__cause__} {error.__context__}"
                must(re.search("certificate|verif", said, re.IGNORECASE), said)
            finally:
                await other.close()
        return True

    async def run(self):
        names = ("prepared", "transaction", "recovery", "cancel", "copy", "listen", "advisoryLock", "verified")
        answer = {}
        for name in names:
            try:
                answer[name] = await getattr(self, name)()
            except NotImplementedError:
                answer[name] = None
            except Exception as error:
                answer[name] = f"{type(error).__name__}: {error}"
        await self.client.close()
        return answer


class Load:
    """Workers that commit until the end."""

    def __init__(self, make, given):
        self.client = make(given["url"], given["settings"])
        self.given = given
        self.acknowledged = [0] * given["workers"]
        self.retried = 0
        self.failed = 0
        self.errors = {}
        self.over = asyncio.Event()

    def saw(self, error):
        lines = str(error).strip().splitlines() or [type(error).__name__]
        message = f"{code_of(error) or ''} {lines[0]}".strip()
        self.errors[message] = self.errors.get(message, 0) + 1

    async def repeat(self, statements):
        retry = self.given["settings"]["retry"]
        for attempt in range(1, retry["attempts"] + 1):
            try:
                return await self.client.transaction(statements)
            except Exception as error:
                self.saw(error)
                if is_hopeless(code_of(error)) or attempt == retry["attempts"]:
                    raise
            self.retried += 1
            # Full jitter.
            longest = min(retry["largestDelay"], retry["firstDelay"] * retry["factor"] ** (attempt - 1))
            await asyncio.sleep(random.random() * longest)

    async def work(self, worker):
        own = (self.given["run"], self.given["driver"], worker)
        insert, count = (text.format(*(self.client.mark(n) for n in range(1, 5))) for text in (INSERT, OWN))
        while not self.over.is_set():
            try:
                await self.repeat([(insert, (*own, self.acknowledged[worker])), (count, own)])
                self.acknowledged[worker] += 1
            except Exception:
                self.failed += 1
            await asyncio.sleep(self.given["pause"] / 1000)

    async def run(self):
        await asyncio.gather(*(self.work(worker) for worker in range(self.given["workers"])))
        await self.client.close()
        return {name: getattr(self, name) for name in ("acknowledged", "retried", "failed", "errors")}


async def perform(version, make, given):
    if given["mode"] == "smoke":
        result = await Smoke(make, given).run()
    else:
        load = Load(make, given)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, load.over.set)
        # Readable at its end.
        loop.add_reader(sys.stdin.fileno(), load.over.set)
        result = await load.run()
    print(json.dumps({"version": version, **result}), flush=True)


def main(version, make):
    """Runs a driver. `make` gets URL and settings."""
    given = json.loads(sys.stdin.readline())
    asyncio.run(perform(version, make, given))
