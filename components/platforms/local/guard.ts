import { join } from "node:path";
import type { FailoverPlan } from "../../postgres/objectives";
import type { Layout, NodeLayout } from "./layout";

/** Timing of a guard. */
export interface GuardTiming {
  /** Seconds between two probes of a healthy server. */
  readonly pause: number;
  /** Seconds until a probe counts as unanswered. */
  readonly timeout: number;
  /** Unanswered probes in a row that make a postmaster hung. */
  readonly tries: number;
}

const pause = 2;
const timeout = 3;
/** One silence may be a suspended machine, two a long stall of its disk. */
const fewestTries = 3;

/** Timing such that a hung postmaster is found within `plan.hungPostmaster` seconds: one pause, and all probes in a row. */
export const guardTiming = (plan: Pick<FailoverPlan, "hungPostmaster">): GuardTiming => ({
  pause,
  timeout,
  tries: Math.max(fewestTries, Math.floor((plan.hungPostmaster - pause) / timeout)),
});

/** File of a node's guard. */
export const guardFile = (layout: Layout, node: NodeLayout): string => join(layout.etc, `guard-${node.name}.sh`);

export interface GuardInput {
  readonly dataDirectory: string;
  /** Folder of the Unix socket. */
  readonly socketDirectory: string;
  readonly port: number;
  readonly pgIsReady: string;
  readonly timing: GuardTiming;
}

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Functions that look at the postmaster. */
const probing = ({
  timing,
  ...input
}: GuardInput): string => `# Sets pid and start of the postmaster; fails where none runs. The pid of a stale file may be another's process by now.
running() {
  { read -r pid && read -r _ && read -r start; } 2>/dev/null <"$data/postmaster.pid" || return 1
  grep -aqF -- "$data" "/proc/$pid/cmdline" 2>/dev/null
}

switches() { grep ctxt_switches "/proc/$pid/status" 2>/dev/null; }

stopped() { grep -q '^State:[[:space:]]*[Tt]' "/proc/$pid/status" 2>/dev/null; }

# True where the postmaster left a new connection unanswered and did not run meanwhile.
silent() {
  before=$(switches)
  timeout ${timing.timeout} ${quote(input.pgIsReady)} -q -t 0 -h ${quote(input.socketDirectory)} -p ${input.port} -U postgres -d postgres
  case $? in
    124) ;;
    2) stopped || return 1; sleep ${timing.timeout} ;; # the queue of its socket is full
    *) return 1 ;;
  esac
  if [ "$before" != "$(switches)" ]; then
    say "postmaster $pid leaves a connection unanswered for ${timing.timeout} s, but runs: left alone"
    return 1
  fi
}
`;

/** Functions that end it. */
const ending = (timing: GuardTiming): string => `children() {
  for stat in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null <"$stat" || continue
    # The parent is the second field after the command, which may itself hold spaces.
    set -- \${line##*) }
    if [ "$2" = "$pid" ]; then child=\${stat#/proc/}; echo "\${child%/stat}"; fi
  done
}

end() {
  family=$(children)
  say "postmaster $pid hangs: ${timing.tries} connections unanswered for ${timing.timeout} s each, and it does not run; killing it and its children, so that Patroni sees a crash"
  kill -KILL "$pid"
  for child in $family; do kill -KILL "$child" 2>/dev/null; done
}
`;

/**
 * Script of the process that ends a hung postmaster. Patroni holds one connection, as pooled clients do, and never learns that
 * nobody opens new ones any more: PostgreSQL would stay so for ever. The guard opens a new connection every few seconds.
 *
 * A postmaster is hung when it leaves `tries` probes in a row unanswered **and** was not once given the processor meanwhile
 * (its context switches stand still). One that runs is overloaded, not hung: killing it would make things worse. A refusal is an answer:
 * "too many clients", starting, stopping and in recovery are no business of the guard, nor is a server that does not run. A hung one
 * is killed with its children, which would otherwise go on serving, and keep the next start out of the shared memory.
 * Patroni then sees a crash, and fails over as after any.
 */
export function guardScript(input: GuardInput): string {
  const { timing } = input;
  return `data=${quote(input.dataDirectory)}
misses=0
known=

say() { printf '%s %s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"; }

${probing(input)}
${ending(timing)}
say "watching $data"
while :; do
  if ! running; then misses=0; sleep ${timing.pause}; continue; fi
  if [ "$known" != "$pid $start" ]; then known="$pid $start"; misses=0; fi
  if silent; then
    misses=$((misses + 1))
    say "postmaster $pid leaves a connection unanswered for ${timing.timeout} s and does not run ($misses of ${timing.tries})"
    if [ "$misses" -ge ${timing.tries} ]; then
      # Only the postmaster that was probed.
      if running && [ "$known" = "$pid $start" ]; then end; fi
      misses=0
    fi
  else
    misses=0
    sleep ${timing.pause}
  fi
done
`;
}
