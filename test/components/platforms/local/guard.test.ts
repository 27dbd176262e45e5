import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { guardScript, guardTiming } from "../../../../components/platforms/local/guard";
import { failoverPlan } from "../../../../components/postgres/objectives";

/** Text of a file; none where it or its process is gone. */
function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** Stand-ins: a program with children that plays the postmaster, and a `pg_isready` that answers as told. */
class Stage {
  readonly root = mkdtempSync(join(tmpdir(), "guard-"));
  readonly data = join(this.root, "it's data");
  readonly postmaster: ChildProcess;
  private guard: ChildProcess | undefined;
  private output = "";

  /** @param program what the postmaster does in `sh`; it gets the data directory as an argument, as PostgreSQL does */
  constructor(program: string) {
    mkdirSync(this.data);
    this.postmaster = spawn("sh", ["-c", program, "postgres", "-D", this.data], { stdio: "ignore" });
    this.announce(this.postmaster.pid ?? 0);
  }

  announce(pid: number): void {
    writeFileSync(join(this.data, "postmaster.pid"), `${pid}\n${this.data}\n1700000000\n5432\n`);
  }

  /**
   * @param isReady what `pg_isready` does in `sh`; `n` is the number of the probe, `$data` the data directory and `$pid` the postmaster
   * @param timeout seconds for a probe; default: more than one ever takes that answers
   */
  watch(isReady: string, timeout = 10): void {
    const probe = join(this.root, "pg_isready");
    const known = `data="${this.data}"; pid=${this.postmaster.pid}; n=$(grep -c probe '${this.root}/probes')`;
    writeFileSync(probe, `#!/bin/sh\necho probe >>'${this.root}/probes'\n${known}\n${isReady}\n`);
    chmodSync(probe, 0o755);
    const timing = { pause: 0.1, timeout, tries: 3 };
    const server = { dataDirectory: this.data, socketDirectory: this.root, port: 5432 };
    const script = guardScript({ ...server, pgIsReady: probe, timing });
    this.guard = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit"] });
    this.guard.stdout?.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
  }

  get log(): string {
    return this.output;
  }

  get children(): number[] {
    const { pid } = this.postmaster;
    return read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
  }

  get probes(): number {
    return read(join(this.root, "probes")).split("\n").length - 1;
  }

  get lives(): boolean {
    return this.postmaster.exitCode === null && this.postmaster.signalCode === null;
  }

  async until(holds: () => boolean): Promise<void> {
    for (let turn = 0; turn < 1000 && !holds(); turn++) await sleep(20);
    if (!holds()) throw new Error(`not in 20 s; the guard said:\n${this.output}`);
  }

  clear(): void {
    const { children } = this;
    this.guard?.kill("SIGKILL");
    this.postmaster.kill("SIGKILL");
    if (children.length > 0) spawnSync("kill", ["-9", ...children.map(String)]);
    rmSync(this.root, { recursive: true });
  }
}

/** As the guard's `timeout` puts it; a probe that really waits would race that clock with the machine's load. */
const unanswered = "exit 124";
/** The same, once the postmaster has run meanwhile. */
const unansweredByRunning =
  'switches() { grep ctxt "/proc/$pid/status" 2>/dev/null; }; before=$(switches); while [ "$before" = "$(switches)" ]; do sleep 0.01; done; exit 124';
/** Stand-ins for a postmaster with two children. */
const idle = "sleep 300 & sleep 300 & wait";
const busy = "sleep 300 & while :; do sleep 0.02; done";

/** A test on a stage of its own, whose stand-in has both children. */
const on =
  (program: string, work: (stage: Stage) => Promise<void>): (() => Promise<void>) =>
  async () => {
    const stage = new Stage(program);
    try {
      await stage.until(() => stage.children.length === 2);
      await work(stage);
    } finally {
      stage.clear();
    }
  };

/** True where the process is gone, or has ended and is only waiting to be told of. */
const over = (pid: number): boolean => /^$|\) Z /.test(read(`/proc/${pid}/stat`));

// Side by side: all that they do is wait.
describe("the guard of a postmaster", () => {
  it.concurrent(
    "kills one that neither answers nor runs, with its children, and says so",
    on(idle, async (stage) => {
      const { children } = stage;
      stage.postmaster.kill("SIGSTOP");
      // The guard's own clock.
      stage.watch("exec sleep 30", 0.3);
      await stage.until(() => !stage.lives);
      expect(stage.postmaster.signalCode).toBe("SIGKILL");
      await stage.until(() => children.every(over));
      await stage.until(() => stage.log.includes("killing it and its children"));
      expect(stage.probes).toBeGreaterThanOrEqual(3);
    }),
  );

  it.concurrent(
    "kills one that is stopped and whose socket takes no more connections",
    on(idle, async (stage) => {
      stage.postmaster.kill("SIGSTOP");
      stage.watch("exit 2", 0.3);
      await stage.until(() => !stage.lives);
      expect(stage.probes).toBeGreaterThanOrEqual(3);
    }),
  );

  it.concurrent.each([
    ["answers", idle, "exit 0"],
    ["refuses, for it is starting or has too many clients", idle, "exit 1"],
    ["does not listen", idle, "exit 2"],
    ["leaves connections unanswered and runs, for the machine is overloaded", busy, unansweredByRunning],
  ])("leaves one alone that %s", (_case, program, isReady) =>
    on(program, async (stage) => {
      stage.watch(isReady);
      await stage.until(() => stage.probes >= 6);
      expect(stage.lives).toBe(true);
      expect(stage.log).not.toContain("killing");
    })(),
  );

  it.concurrent(
    "counts unanswered probes in a row only",
    on(idle, async (stage) => {
      stage.postmaster.kill("SIGSTOP");
      stage.watch(`[ $((n % 3)) -eq 0 ] && exit 0; ${unanswered}`);
      await stage.until(() => stage.probes >= 8 && stage.log.includes("(2 of 3)"));
      expect(stage.lives).toBe(true);
    }),
  );

  it.concurrent(
    "starts counting anew when another postmaster has taken the place",
    on(idle, async (stage) => {
      stage.postmaster.kill("SIGSTOP");
      // During the second probe, so that none is left in between.
      const takes = `[ $n -eq 2 ] && printf '%s\\n' $pid "$data" 1700000001 >"$data/postmaster.pid"`;
      stage.watch(`${takes}\n[ $n -le 4 ] && ${unanswered}\nexit 0`);
      await stage.until(() => stage.probes >= 6 && stage.log.includes("(2 of 3)"));
      expect(stage.lives).toBe(true);
    }),
  );

  it.concurrent(
    "never touches another's process that a stale pid file names",
    on(idle, async (stage) => {
      const stranger = spawn("sleep", ["300"], { stdio: "ignore" });
      try {
        stranger.kill("SIGSTOP");
        stage.announce(stranger.pid ?? 0);
        stage.watch(unanswered);
        await sleep(2000);
        expect(stage.probes).toBe(0);
        expect(stranger.signalCode).toBeNull();
      } finally {
        stranger.kill("SIGKILL");
      }
    }),
  );
});

describe("the guard's timing", () => {
  it("finds a hung postmaster in 11 s by default", () => {
    const plan = failoverPlan({ rto: "30 seconds", rpo: "0 seconds" }, 2);
    expect(guardTiming(plan)).toEqual({ pause: 2, timeout: 3, tries: 3 });
  });

  it("leaves time for the failover, and never acts on fewer than three probes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 24, max: 86_400 }), (rto) => {
        const plan = failoverPlan({ rto: `${rto} seconds`, rpo: "0 seconds" }, 2);
        const { pause, timeout, tries } = guardTiming(plan);
        expect(tries).toBeGreaterThanOrEqual(3);
        expect(pause + timeout * tries + plan.loopWait + 3).toBeLessThanOrEqual(rto);
      }),
    );
  });
});
