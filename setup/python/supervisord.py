"""supervisord, as the parent of what its services leave behind.

PostgreSQL leaves Patroni as a daemon does, and Patroni waits until a server that has ended is out of the process
table. To see to that is the part of process 1, which does so late or never in many a container.
"""

import ctypes
import os

from supervisor import supervisord
from supervisor.options import ServerOptions

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


class Options(ServerOptions):
    def daemonize(self):
        super().daemonize()
        # Not earlier: what is set here is not handed down to a child.
        if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl: " + os.strerror(ctypes.get_errno()))


supervisord.ServerOptions = Options
supervisord.main()
