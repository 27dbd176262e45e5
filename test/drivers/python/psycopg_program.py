"""psycopg 3 with its default prepare threshold, in threads as most programs use it."""

import asyncio
import threading

import psycopg
from psycopg_pool import ConnectionPool
from contract import main


class Client:
    def __init__(self, url, settings):
        self.pool = ConnectionPool(
            url,
            kwargs={"application_name": settings["applicationName"], "connect_timeout": settings["connectTimeout"]},
            min_size=0,
            max_size=settings["poolSize"] + settings["maxOverflow"],
            max_lifetime=settings["recycle"],
            timeout=settings["poolTimeout"],
            check=ConnectionPool.check_connection if settings["prePing"] else None,
            open=True,
        )
        self.url = url

    def mark(self, n):
        return "%s"

    def run(self, statements):
        with self.pool.connection() as connection, connection.transaction():
            results = []
            for text, values in statements:
                cursor = connection.execute(text, values or None)
                results.append(cursor.fetchone() if cursor.description else None)
            return [row and row[0] for row in results]

    async def transaction(self, statements):
        return await asyncio.to_thread(self.run, statements)

    def cancelled(self, text):
        with self.pool.connection() as connection:
            timer = threading.Timer(0.3, connection.cancel_safe)
            timer.start()
            try:
                connection.execute(text)
            except psycopg.errors.QueryCanceled:
                pass

    async def probe(self):
        # The pool would go on trying, and say nothing of the reason.
        await asyncio.to_thread(psycopg.connect, self.url)

    async def cancel(self, text):
        await asyncio.to_thread(self.cancelled, text)

    async def copy(self, table, columns, rows):
        with self.pool.connection() as connection, connection.cursor() as cursor:
            with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

    async def listen(self, channel, on_notice):
        connection = psycopg.connect(self.url, autocommit=True)
        connection.execute(f"LISTEN {channel}")
        loop = asyncio.get_running_loop()

        def hear():
            for _ in connection.notifies(timeout=0.9, stop_after=1):
                loop.call_soon_threadsafe(on_notice)

        hearing = asyncio.create_task(asyncio.to_thread(hear))

        async def end():
            await hearing
            connection.close()

        return end

    async def close(self):
        self.pool.close()


main(psycopg.__version__, Client)
