"""Django on psycopg 3, with its own pool, server-side parameters, and prepared statements."""

import asyncio
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings as django_settings
from django.db import connection, connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper
from contract import main


def database(url, settings):
    """An entry of DATABASES."""
    address = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": address.hostname,
        "PORT": address.port,
        "NAME": unquote(address.path[1:]),
        "USER": unquote(address.username),
        "PASSWORD": unquote(address.password),
        "CONN_HEALTH_CHECKS": settings["prePing"],
        # A cursor of the server's outlives its transaction only in a session of one's own.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            **{name: values[0] for name, values in parse_qs(address.query).items()},
            "application_name": settings["applicationName"],
            "connect_timeout": settings["connectTimeout"],
            # Django's own defaults: parameters become text in the client, and nothing is prepared.
            "server_side_binding": True,
            "prepare_threshold": 5,
            "pool": {
                "min_size": 0,
                "max_size": settings["poolSize"] + settings["maxOverflow"],
                "max_lifetime": settings["recycle"],
                "timeout": settings["poolTimeout"],
            },
        },
    }


class Client:
    def __init__(self, url, settings):
        self.entry = database(url, settings)
        if not django_settings.configured:
            django_settings.configure(DATABASES={"default": self.entry})
            django.setup()

    def mark(self, n):
        return "%s"

    def run(self, statements):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                results = []
                for text, values in statements:
                    cursor.execute(text, values or None)
                    results.append(cursor.fetchone() if cursor.description else None)
                return [row and row[0] for row in results]
        finally:
            # As at the end of a request: back into the pool.
            connection.close()

    async def transaction(self, statements):
        return await asyncio.to_thread(self.run, statements)

    def probed(self):
        whole = connections.configure_settings({"default": self.entry})["default"]
        # The pool would go on trying, and say nothing of the reason.
        whole["OPTIONS"] = {name: value for name, value in whole["OPTIONS"].items() if name != "pool"}
        wrapper = DatabaseWrapper(whole)
        wrapper.connect()
        wrapper.close()

    async def probe(self):
        await asyncio.to_thread(self.probed)

    async def cancel(self, text):
        raise NotImplementedError

    def copied(self, table, columns, rows):
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        connection.close()

    async def copy(self, table, columns, rows):
        await asyncio.to_thread(self.copied, table, columns, rows)

    async def listen(self, channel, on_notice):
        raise NotImplementedError

    async def close(self):
        connection.close_pool()


main(django.__version__, Client)
