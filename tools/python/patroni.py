"""Patroni, whose REST API does not wait for a silent client.

Each of its threads serves one connection, the TLS handshake included, and would wait for the client without a limit:
with as many idle connections as threads, HAProxy's checks get no answer and there is no primary.
"""

import sys

from patroni import api
from patroni.__main__ import main

SECONDS = 2  # as HAProxy's `timeout check`: a whole turn of silent clients costs one check, and it takes two to mark a server down


class Server(api.RestApiServer):
    def get_request(self):
        request, address = super().get_request()
        # Of each read and write; what Patroni takes for its answer does not count.
        request.settimeout(SECONDS)
        return request, address


# Patroni starts PostgreSQL from a process that imports this file again.
if __name__ == "__main__":
    api.RestApiServer = Server
    sys.exit(main())
