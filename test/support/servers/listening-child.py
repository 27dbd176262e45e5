"""A server for tests: listens on a port and writes down what happens to it."""
import os, signal, socket, sys

notes, port = sys.argv[1], int(sys.argv[2])


def note(text):
    with open(notes, "a") as file:
        file.write(text + "\n")


signal.signal(signal.SIGHUP, lambda *_: note("HUP"))
signal.signal(signal.SIGUSR2, lambda *_: note("USR2"))
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", port))
# Before anybody can see that it listens.
note("start %d" % os.getpid())
server.listen()
while True:
    signal.pause()
