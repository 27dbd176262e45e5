"""psycopg 2 under SQLAlchemy, in threads. It sends whole statements as text, the simple protocol: it has no prepared statements."""

import asyncio
import io
import select
import threading
from urllib.parse import urlsplit

import psycopg2
import sqlalchemy
from contract import main


class Client:
    prepares = False

    def __init__(self, url, settings):
        self.url = url
        # libpq reads sslmode and sslrootcert.
        self.engine = sqlalchemy.create_engine(
            urlsplit(url)._replace(scheme="postgresql+psycopg2").geturl(),
            pool_size=settings["poolSize"],
            max_overflow=settings["maxOverflow"],
            pool_recycle=settings["recycle"],
            pool_pre_ping=settings["prePing"],
            pool_timeout=settings["poolTimeout"],
            connect_args={
                "application_name": settings["applicationName"],
                "connect_timeout": settings["connectTimeout"],
            },
        )

    def mark(self, n):
        return "%s"

    def run(self, statements):
        with self.engine.begin() as connection:
            results = []
            for text, values in statements:
                result = connection.exec_driver_sql(text, values or None)
                results.append(result.scalar() if result.returns_rows else None)
            return results

    async def transaction(self, statements):
        return await asyncio.to_thread(self.run, statements)

    async def probe(self):
        await self.transaction([("SELECT 1", ())])

    def cancelled(self, text):
        with self.engine.connect() as connection:
            timer = threading.Timer(0.3, connection.connection.dbapi_connection.cancel)
            timer.start()
            try:
                connection.exec_driver_sql(text)
            except sqlalchemy.exc.OperationalError as error:
                if not isinstance(error.orig, psycopg2.errors.QueryCanceled):
                    raise

    async def cancel(self, text):
        await asyncio.to_thread(self.cancelled, text)

    def copied(self, table, columns, rows):
        text = "".join("\t".join(map(str, row)) + "\n" for row in rows)
        with self.engine.begin() as connection, connection.connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", io.StringIO(text))

    async def copy(self, table, columns, rows):
        await asyncio.to_thread(self.copied, table, columns, rows)

    async def listen(self, channel, on_notice):
        connection = psycopg2.connect(self.url)
        connection.autocommit = True
        connection.cursor().execute(f"LISTEN {channel}")
        loop = asyncio.get_running_loop()

        def hear():
            if select.select([connection], [], [], 0.9)[0]:
                connection.poll()
                if connection.notifies:
                    loop.call_soon_threadsafe(on_notice)

        hearing = asyncio.create_task(asyncio.to_thread(hear))

        async def end():
            await hearing
            connection.close()

        return end

    async def close(self):
        self.engine.dispose()


main(psycopg2.__version__.split()[0], Client)
