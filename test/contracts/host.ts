import * as pulumi from "@pulumi/pulumi";
import type { Backups, Host, HostInput, Logins, Pooler } from "../../components/ports";
import { planOf } from "../../stacks/compose";
import type { Settings } from "../../stacks/settings";
import { type Graph, graphOf, secretWord } from "../support/graph";

/** What a platform gives its contract suite. */
export interface Adapter {
  readonly settings: () => Settings;
  readonly host: (input: HostInput, settings: Settings) => Host;
}

interface Parts {
  readonly host: Host;
  readonly pooler: Pooler;
  readonly backups: Backups;
}

const known = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));

/** Logins as `Access` makes them, without `Access`. */
function loginsOf(): Logins {
  const logins = ["howdah_pooler", "howdah_monitoring", "app"];
  const secrets = (kind: string) =>
    Object.fromEntries(logins.map((login) => [login, pulumi.secret(`${secretWord}${login}-${kind}`)]));
  return { passwords: secrets("password"), verifiers: secrets("verifier"), ready: [] };
}

/** What every adapter of the `Host` port owes the shared program. */
export function hostContract(platform: string, adapter: Adapter): void {
  describe(`the host of ${platform}`, () => {
    let graph: Graph<Parts>;
    let settings: Settings;

    beforeAll(async () => {
      settings = adapter.settings();
      graph = await graphOf(() => {
        const host = adapter.host(planOf("contract", settings), settings);
        return { host, pooler: host.pooler(loginsOf()), backups: host.backups(loginsOf()) };
      });
    });

    test("has endpoints that a client can connect to, one for each way", () => {
      const { host, pooler } = graph.result;
      const endpoints = [host.server.readWrite, host.server.readOnly, pooler.endpoint];
      for (const { host: name, port } of endpoints) {
        expect(name).toMatch(/^[a-z0-9][a-z0-9.-]*$/);
        expect(port).toBeGreaterThan(0);
        expect(port).toBeLessThan(65_536);
      }
      expect(new Set(endpoints.map((one) => `${one.host}:${one.port}`)).size).toBe(3);
    });

    test("has a node for the primary and one for each replica, each with a name and an address of its own", () => {
      const { nodes } = graph.result.host.server;
      expect(nodes).toHaveLength(settings.postgres.replicas + 1);
      expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
      expect(new Set(nodes.map(({ host, port }) => `${host}:${port}`)).size).toBe(nodes.length);
    });

    test("names the file of its authority", async () => {
      expect(await known(graph.result.host.server.caFile)).toMatch(/^\//);
    });

    test("has an administrator whose password is a secret", async () => {
      const { name, password } = graph.result.host.server.administrator;
      expect(name).toMatch(/^[a-z_]+$/);
      expect(await pulumi.isSecret(password)).toBe(true);
      expect((await known(password)).length).toBeGreaterThan(0);
    });

    test("says what to wait for before SQL, and before a login through the pooler", () => {
      const { host, pooler } = graph.result;
      for (const ready of [host.server.ready, pooler.ready]) {
        expect(ready.length).toBeGreaterThan(0);
        for (const one of ready) expect(one).toBeInstanceOf(pulumi.Resource);
      }
    });

    test("says where its backups are", () => {
      const { repository, stanza } = graph.result.backups;
      expect(repository).not.toBe("");
      expect(stanza).not.toBe("");
    });

    test("refuses a pooler without the login that looks up passwords", async () => {
      const orphaned = graphOf(() =>
        adapter.host(planOf("contract", settings), settings).pooler({ passwords: {}, verifiers: {}, ready: [] }),
      );
      await expect(orphaned).rejects.toThrow("howdah_pooler");
    });
  });
}
