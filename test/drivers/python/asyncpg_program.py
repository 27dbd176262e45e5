"""asyncpg with its default statement cache."""

import asyncio

import asyncpg
from contract import main


class Client:
    def __init__(self, url, settings):
        self.settings = settings
        self.url = url
        self.pool = None
        self.opening = asyncio.Lock()

    async def opened(self):
        async with self.opening:
            self.pool = self.pool or await asyncpg.create_pool(
                self.url,
                min_size=0,
                max_size=self.settings["poolSize"] + self.settings["maxOverflow"],
                max_inactive_connection_lifetime=self.settings["recycle"],
                timeout=self.settings["connectTimeout"],
                command_timeout=self.settings["statementTimeout"],
                server_settings={"application_name": self.settings["applicationName"]},
            )
        return self.pool

    def mark(self, n):
        return f"${n}"

    async def transaction(self, statements):
        pool = await self.opened()
        async with pool.acquire() as connection, connection.transaction():
            return [await connection.fetchval(text, *values) for text, values in statements]

    async def probe(self):
        await self.transaction([("SELECT 1", ())])

    async def cancel(self, text):
        async with (await self.opened()).acquire() as connection:
            try:
                await connection.execute(text, timeout=0.3)
            except asyncio.TimeoutError:
                pass

    async def copy(self, table, columns, rows):
        async with (await self.opened()).acquire() as connection:
            await connection.copy_records_to_table(table, columns=columns, records=rows)

    async def listen(self, channel, on_notice):
        pool = await self.opened()
        connection = await pool.acquire()
        hear = lambda *_: on_notice()
        await connection.add_listener(channel, hear)

        async def end():
            await connection.remove_listener(channel, hear)
            await pool.release(connection)

        return end

    async def close(self):
        if self.pool is not None:
            await self.pool.close()


main(asyncpg.__version__, Client)
