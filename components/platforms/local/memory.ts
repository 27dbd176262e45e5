/** Below this, the archiver or Patroni could lack it: threads reserve memory that they do not use. */
const least = 1024 ** 3;

/**
 * Words before a server's command: no process of it takes more private memory than the whole server is meant to have. A session
 * whose `work_mem` was lifted by SET then gets "out of memory" for its statement; otherwise the kernel would kill some process of
 * the server, upon which PostgreSQL ends every session and recovers.
 * @param memory bytes of `howdah:postgres.memory`
 */
export const memoryLimit = (memory: number): string[] => ["/usr/bin/prlimit", `--data=${Math.max(least, memory)}`];

/**
 * Environment of a server: if the machine's memory runs out all the same, its sessions are killed before the postmaster, and before
 * etcd, Patroni and the pooler, without which there would be no failover. (PostgreSQL's documentation, "Linux Memory Overcommit".)
 */
export const killedFirst = {
  PG_OOM_ADJUST_FILE: "/proc/self/oom_score_adj",
  PG_OOM_ADJUST_VALUE: "500",
} as const;
