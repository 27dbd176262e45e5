import * as pulumi from "@pulumi/pulumi";
import type { Backups, Endpoint, Logins, Platform, Pooler } from "../../components/ports";
import { planOf, platformFor } from "../../stacks/compose";
import type { Settings } from "../../stacks/config/settings";
import { answers } from "./clouds/cloud-graph";
import { type Graph, graphOf, secretWord } from "./graph";

interface Parts {
  readonly platform: Platform;
  readonly pooler: Pooler;
  readonly backups: Backups;
}

/** Endpoints as `host:port`. */
const addresses = (endpoints: readonly Endpoint[]): Promise<string[]> =>
  Promise.all(endpoints.map(async ({ host, port }) => `${await known(pulumi.output(host))}:${port}`));

const known = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));

/** Logins as `Access` makes them, without `Access`. */
function loginsOf(): Logins {
  const logins = ["howdah_pooler", "howdah_monitoring", "howdah_probe", "app"];
  const secrets = (kind: string) =>
    Object.fromEntries(logins.map((login) => [login, pulumi.secret(`${secretWord}${login}-${kind}`)]));
  return {
    passwords: secrets("password"),
    verifiers: secrets("verifier"),
    current: { app: "app" },
    sessionSettings: {},
    ready: [],
  };
}

/** Those logins but one. */
function without(login: string): Logins {
  const { passwords, ...rest } = loginsOf();
  return { ...rest, passwords: Object.fromEntries(Object.entries(passwords).filter(([name]) => name !== login)) };
}

/**
 * What every platform owes the shared program.
 * @param settingsFor of a stack on it
 */
export function platformContract(name: string, settingsFor: () => Settings): void {
  describe(`the platform ${name}`, () => {
    let graph: Graph<Parts>;
    let settings: Settings;

    beforeAll(async () => {
      settings = settingsFor();
      graph = await graphOf(
        () => {
          const platform = platformFor(planOf("contract", settings), settings);
          return { platform, pooler: platform.pooler(loginsOf()), backups: platform.backups(loginsOf()) };
        },
        false,
        answers,
      );
    });

    test("has endpoints that a client can connect to, one for each way", async () => {
      const { platform, pooler } = graph.result;
      const endpoints = await addresses([platform.server.readWrite, platform.server.readOnly, pooler.endpoint]);
      for (const address of endpoints) expect(address).toMatch(/^[a-z0-9][a-zA-Z0-9.-]*:\d{2,5}$/);
      expect(new Set(endpoints).size).toBe(3);
    });

    test("has nodes, one for each server that it lets others address, with a name and an address of its own", async () => {
      const { nodes } = graph.result.platform.server;
      expect(nodes.length).toBeGreaterThanOrEqual(Math.min(2, settings.postgres.replicas + 1));
      expect(nodes.length).toBeLessThanOrEqual(settings.postgres.replicas + 1);
      expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
      expect(new Set(await addresses(nodes)).size).toBe(nodes.length);
    });

    test("names the files of the authorities of its servers and of its pooler", async () => {
      expect(await known(graph.result.platform.server.caFile)).toMatch(/^\//);
      expect(await known(pulumi.output(graph.result.pooler.caFile))).toMatch(/^\//);
    });

    test("has an administrator whose password is a secret", async () => {
      const { name, password, endpoint } = graph.result.platform.server.administrator;
      expect((await addresses([endpoint]))[0]).toMatch(/:\d+$/);
      expect(name).toMatch(/^[a-z_]+$/);
      expect(await pulumi.isSecret(password)).toBe(true);
      expect((await known(password)).length).toBeGreaterThan(0);
    });

    test("says what to wait for before SQL, and before a login through the pooler", () => {
      const { platform, pooler } = graph.result;
      for (const ready of [platform.server.ready, pooler.ready]) {
        expect(ready.length).toBeGreaterThan(0);
        for (const one of ready) expect(one).toBeInstanceOf(pulumi.Resource);
      }
    });

    test("says where its backups are, and keeps the key that opens them a secret", async () => {
      const { repository, key } = graph.result.backups;
      expect(await known(pulumi.output(repository))).not.toBe("");
      expect(await pulumi.isSecret(key)).toBe(true);
      expect((await known(key)).length).toBeGreaterThan(10);
    });

    test("says when a restore was last proven, or that none was yet", async () => {
      const verified = await known(graph.result.backups.verified);
      if (verified !== undefined) expect(Date.parse(verified.lastVerifiedAt)).not.toBeNaN();
    });

    test("refuses a pooler without the login that looks up passwords", async () => {
      const orphaned = graphOf(
        () => platformFor(planOf("contract", settings), settings).pooler(without("howdah_pooler")),
        false,
        answers,
      );
      await expect(orphaned).rejects.toThrow("howdah_pooler");
    });
  });
}
