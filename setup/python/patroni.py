"""Patroni with a time limit for silent clients of its REST API.

Each thread of the API serves one connection, including the TLS handshake, and waits for its client without a limit. As
many idle connections as threads keep HAProxy's checks from getting an answer, and then no server is the primary.
"""

import sys

from patroni import api
from patroni.__main__ import main

SECONDS = 2  # HAProxy's `timeout check`: no check waits longer than this anyway

accept = api.RestApiServer.get_request


def get_request(server):
    request, address = accept(server)
    # Applies to each read and write, not to the time that Patroni needs for an answer.
    request.settimeout(SECONDS)
    return request, address


# Patroni starts PostgreSQL in a process that imports this file again.
if __name__ == "__main__":
    # In place: a subclass would recurse, as the methods of RestApiServer call super(RestApiServer, self).
    api.RestApiServer.get_request = get_request
    sys.exit(main())
