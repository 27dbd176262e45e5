"""SQLAlchemy's asyncio engine on asyncpg, both with their default statement caches."""

import asyncio
import ssl
from urllib.parse import parse_qs, urlsplit

import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine
from contract import main


class Client:
    def __init__(self, url, settings):
        address = urlsplit(url)
        authority = parse_qs(address.query)["sslrootcert"][0]
        self.engine = create_async_engine(
            address._replace(scheme="postgresql+asyncpg", query="").geturl(),
            pool_size=settings["poolSize"],
            max_overflow=settings["maxOverflow"],
            pool_recycle=settings["recycle"],
            pool_pre_ping=settings["prePing"],
            pool_timeout=settings["poolTimeout"],
            connect_args={
                # The default context verifies chain and host name.
                "ssl": ssl.create_default_context(cafile=authority),
                "timeout": settings["connectTimeout"],
                "command_timeout": settings["statementTimeout"],
                "server_settings": {"application_name": settings["applicationName"]},
            },
        )

    def mark(self, n):
        return f":v{n}"

    async def transaction(self, statements):
        async with self.engine.begin() as connection:
            results = []
            for text, values in statements:
                parameters = {f"v{n}": value for n, value in enumerate(values, 1)}
                result = await connection.execute(sqlalchemy.text(text), parameters)
                results.append(result.scalar() if result.returns_rows else None)
            return results

    async def driver_connection(self):
        connection = await self.engine.connect()
        return connection, (await connection.get_raw_connection()).driver_connection

    async def probe(self):
        await self.transaction([("SELECT 1", ())])

    async def cancel(self, text):
        connection, raw = await self.driver_connection()
        try:
            await raw.execute(text, timeout=0.3)
        except asyncio.TimeoutError:
            pass
        await connection.close()

    async def copy(self, table, columns, rows):
        connection, raw = await self.driver_connection()
        await raw.copy_records_to_table(table, columns=columns, records=rows)
        await connection.close()

    async def listen(self, channel, on_notice):
        connection, raw = await self.driver_connection()
        hear = lambda *_: on_notice()
        await raw.add_listener(channel, hear)

        async def end():
            await raw.remove_listener(channel, hear)
            await connection.close()

        return end

    async def close(self):
        await self.engine.dispose()


main(sqlalchemy.__version__, Client)
