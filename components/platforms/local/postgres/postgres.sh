#!/bin/sh
export PG_OOM_ADJUST_FILE=/proc/self/oom_score_adj PG_OOM_ADJUST_VALUE=500
exec /usr/bin/prlimit --data=@memory@ @postgres@ "$@"
