import { execFileSync } from "node:child_process";
import { appendFileSync, statSync, truncateSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { catalogue, type AlertName } from "../../../components/monitoring/catalogue";
import { waitFor } from "../../../lib/retry";
import { minute } from "../../../lib/units";
import { asOwner, jobOf } from "../stack/howdah";
import type { Node } from "../stack/nodes";
import { servicePid, supervisorctl } from "../stack/processes";
import { superuser, type TestStack } from "../stack/stack";
import type { Posted, Receiver } from "./receiver";
import { ruleSettings } from "./settings";

/** Ends an incident. */
export type End = () => unknown;

/** Something that happens to a stack, and the alerts that have to reach the receiver. */
export interface Incident {
  readonly what: string;
  readonly alerts: readonly AlertName[];
  /** Makes it happen. @returns what ends it */
  readonly begin: () => Promise<End>;
}

interface Arrival {
  readonly what: string;
  readonly alert: AlertName;
  readonly severity: string;
  /** From the beginning of the incident. */
  readonly seconds: number;
}

const levels = catalogue(ruleSettings);

/** Incidents of a stack, and what its receiver hears of them. */
export class Incidents {
  readonly arrived: Arrival[] = [];

  constructor(
    private readonly stack: TestStack,
    private readonly receiver: () => Receiver,
  ) {}

  /** Incidents that go on at the same time; each alert is a test. */
  atOnce(title: string, incidents: readonly Incident[]): void {
    describe(title, () => {
      const began = new Map<string, number>();
      const failed = new Map<string, unknown>();
      const ends: End[] = [];

      beforeAll(async () => {
        const begin = async ({ what, begin: make }: Incident): Promise<void> => {
          began.set(what, Date.now());
          try {
            ends.push(await make());
          } catch (error) {
            failed.set(what, error);
          }
        };
        await Promise.all(incidents.flatMap(({ alerts }) => alerts).map((alert) => this.ended(alert)));
        await Promise.all(incidents.map(begin));
      });

      afterAll(async () => {
        await Promise.all(ends.map((end) => end()));
      });

      const wanted = incidents.flatMap(({ what, alerts }) => alerts.map((alert) => [alert, what] as const));
      test.each(wanted)("%s: %s", async (alert, what) => {
        if (failed.has(what)) throw new Error("it did not happen", { cause: failed.get(what) });
        const since = began.get(what) ?? 0;
        const { at, labels } = await this.posted("firing", alert, since);
        expect(labels["stack"]).toBe(this.stack.name);
        process.stderr.write(`${alert} ${(at - since) / 1000} s: ${what}\n`);
        this.arrived.push({ what, alert, severity: labels["severity"] ?? "", seconds: (at - since) / 1000 });
      });
    });
  }

  /** What the receiver has got of an alert, once it has. @param since milliseconds */
  async posted(status: Posted["status"], alert: AlertName, since = 0): Promise<Posted> {
    for (;;) {
      const found = this.receiver()
        .posted("/hook")
        .find((one) => one.status === status && one.labels["alertname"] === alert && one.at >= since);
      if (found !== undefined) return found;
      await sleep(500);
    }
  }

  /**
   * Waits until the receiver has heard of the end of an alert: one that fires again before is nothing new for Alertmanager, and it
   * says of an end only every five minutes. One that another alert has hidden may never be said to have ended.
   */
  private async ended(alert: AlertName): Promise<void> {
    const hasEnded = (): Promise<true | undefined> => {
      const last = new Map<string, Posted["status"]>();
      for (const { labels, status } of this.receiver().posted("/hook"))
        if (labels["alertname"] === alert) last.set(JSON.stringify(labels), status);
      return Promise.resolve([...last.values()].includes("firing") ? undefined : true);
    };
    await waitFor(hasEnded, { timeout: 7 * minute, interval: 500 });
  }

  /** A line for each alert that has arrived. */
  table(): string {
    const row = (...[alert, severity, pending, seconds, what]: readonly string[]): string =>
      [alert?.padEnd(26), severity?.padEnd(9), pending?.padStart(6), seconds?.padStart(10), what].join("  ");
    const lines = this.arrived.map(({ alert, severity, seconds, what }) => {
      const level = levels.find((one) => one.name === alert && one.severity === severity);
      return row(alert, severity, String(level?.for ?? ""), String(Math.round(seconds)), what);
    });
    return [row("alert", "severity", "for, s", "arrived, s", "incident"), ...lines, ""].join("\n");
  }

  /** A session of an application at a server itself. */
  async at(node: Node, application: string): Promise<Client> {
    const client = new Client({ ...(await this.stack.client(application, "direct")), port: node.port });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  /** A session whose last statement goes on for as long as the incident. */
  async holding(node: Node, application: string, ...statements: readonly string[]): Promise<End> {
    const client = await this.at(node, application);
    for (const statement of statements.slice(0, -1)) await client.query(statement);
    return goingOn(client, statements.at(-1) ?? "");
  }

  /** Stops services for the time of the incident. */
  async withoutServices(...services: readonly string[]): Promise<End> {
    await supervisorctl(this.stack, "stop", ...services);
    return () => supervisorctl(this.stack, "start", ...services);
  }

  /** Has a service read a file that it cannot use. */
  async unreadable(service: string, path: string): Promise<End> {
    const again = async (): Promise<void> => {
      process.kill(await servicePid(this.stack, service), "SIGHUP");
    };
    const restore = appended(path, "\nthis: is: no: configuration\n");
    await again();
    return async () => {
      restore();
      await again();
    };
  }

  reload(node: Node): Promise<string> {
    return superuser(this.stack, node.port, "SELECT pg_reload_conf()");
  }

  patronictl(...words: readonly string[]): string {
    const { patronictl, servers } = jobOf(this.stack);
    const [program = "", ...rest] = [...asOwner, patronictl, "-c", servers[0]?.patroniFile ?? "", ...words];
    return execFileSync(program, rest, { cwd: "/", encoding: "utf8" });
  }
}

/** A statement that goes on for as long as the incident; its session ends with it. */
export function goingOn(client: Client, statement: string): End {
  const work = client.query(statement).catch(() => undefined);
  return async () => {
    client.connection.stream.destroy();
    await work;
  };
}

/** One end of several. */
export const all =
  (...ends: readonly End[]): End =>
  () =>
    Promise.all(ends.map((end) => end()));

/** Repeats something that may fail, until the end. @param pause milliseconds between two turns */
export function repeating(work: () => Promise<unknown>, pause: number): () => Promise<void> {
  let goesOn = true;
  const done = (async () => {
    while (goesOn) {
      await work().catch(() => undefined);
      await sleep(pause);
    }
  })();
  return async () => {
    goesOn = false;
    await done;
  };
}

/** Appends to a file; the end cuts it off again. */
export function appended(path: string, text: string): End {
  const { size } = statSync(path);
  appendFileSync(path, text);
  return () => {
    truncateSync(path, size);
  };
}
