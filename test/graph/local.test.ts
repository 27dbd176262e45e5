import * as pulumi from "@pulumi/pulumi";
import { compose } from "../../stacks/compose";
import type { Settings } from "../../stacks/config/settings";
import {
  clear,
  type Graph,
  graphOf,
  hidden,
  type Registration,
  secretWord,
  settingsOf,
  localSurroundings,
} from "../support/graph";
import type { StackOutputs } from "../../stacks/outputs";

let graph: Graph<StackOutputs>;

const composed = (settings: Settings, preview = false): Promise<Graph<StackOutputs>> =>
  graphOf(() => compose("local", settings), preview);

beforeAll(async () => {
  Object.assign(process.env, localSurroundings);
  graph = await composed(settingsOf("local"));
});

const rows = ({ registrations }: Graph<unknown>): string[] =>
  registrations.map(({ type, name, parent }) => `${type} ${parent === undefined ? "" : `${parent} / `}${name}`).sort();
const names = ({ registrations }: Graph<unknown>): string[] => registrations.map(({ name }) => name);
const ofType = (type: string): Registration[] => graph.registrations.filter((one) => one.type === `host:index:${type}`);
const text = (value: unknown): string => JSON.stringify(value);

test("the resources of the default stack", () => {
  expect(`\n${rows(graph).join("\n")}\n`).toMatchSnapshot();
});

test("sends everybody to an address: where localhost is ::1 first, nothing of ours listens there", async () => {
  const emitted = graph.registrations.map(({ inputs }) => {
    // Names that a certificate is good for send nobody anywhere.
    return { ...(clear(inputs) as Record<string, unknown>), dnsNames: undefined };
  });
  const { connections, pooler, nodes } = graph.result;
  const urls = await new Promise((known) => pulumi.unsecret(connections).apply(known));
  const shown = text([emitted, urls, pooler, nodes]);
  expect(/.{0,60}(localhost|::1).{0,60}/.exec(shown)?.[0]).toBeUndefined();
  for (const one of [
    "host='127.0.0.1' port=6433",
    "@127.0.0.1:6432/app?",
    "@127.0.0.1:6433/app?",
    "https://127.0.0.1:6451",
  ])
    expect(shown.includes(one)).toBe(true);
});

test("who monitors has a verifier in PgBouncer's own list, as the console is no database to look it up in", () => {
  const userlist = graph.registrations.find(({ name }) => name === "pooler-pgbouncer-userlist.txt");
  expect(text(clear(userlist?.inputs))).toMatch(/howdah_monitoring\\" \\"SCRAM-SHA-256\$/);
});

test("a certificate of etcd's peers is signed by an authority that signs nothing else", () => {
  const authority = (one: Registration): string => text(clear(one.inputs["authorityPem"]));
  const certificates = ofType("Certificate");
  const peers = certificates.filter(({ name }) => name.includes("-peer-"));
  expect(peers.map(({ name }) => name)).toEqual(
    ["etcd1", "etcd2", "etcd3"].map((one) => `foundation-${one}-peer-certificate`),
  );
  expect(new Set(peers.map(authority)).size).toBe(1);
  const others = certificates.filter((one) => !peers.includes(one));
  expect(others.map(authority)).not.toContain(authority(peers[0]!));
});

describe("names", () => {
  test("are unique, and each follows its parent's", () => {
    expect(new Set(names(graph)).size).toBe(graph.registrations.length - twins().length);
    const astray = graph.registrations.filter(
      ({ name, parent }) => parent !== undefined && name !== parent && !name.startsWith(`${parent}-`),
    );
    expect(astray).toEqual([]);
  });

  /** A component whose main resource has its name. */
  const twins = (): Registration[] =>
    graph.registrations.filter(({ name, parent, type }) => name === parent && !type.startsWith("howdah:"));

  test.each<[string, (keys: Record<string, unknown>) => void, RegExp]>([
    [
      "a database",
      (keys) => {
        keys["databases"] = { ...(keys["databases"] as object), zoo: { applications: { keeper: { pool: 1 } } } };
      },
      /zoo|keeper/,
    ],
    [
      "a replica",
      (keys) => {
        keys["postgres"] = { ...(keys["postgres"] as object), replicas: 3 };
      },
      /node4/,
    ],
  ])("of everything else stay when %s is added", async (_what, change, added) => {
    const more = new Set(rows(await composed(settingsOf("local", change))));
    const before = new Set(rows(graph));
    expect([...before].filter((row) => !more.has(row))).toEqual([]);
    const fresh = [...more].filter((row) => !before.has(row));
    expect(fresh.length).toBeGreaterThan(3);
    expect(fresh.filter((row) => !added.test(row))).toEqual([]);
  });
});

test("a preview, where no output is known, shows every resource that up makes", async () => {
  expect(rows(await composed(settingsOf("local"), true))).toEqual(rows(graph));
});

test("another memory has Patroni reload and no service restart, which would stop all servers at once", async () => {
  const larger = await composed(
    settingsOf("local", (keys) => {
      keys["postgres"] = { ...(keys["postgres"] as object), memory: "3 GB" };
    }),
  );
  const inputs = ({ registrations }: Graph<unknown>) =>
    new Map(
      registrations.map((one) => [
        `${one.type} ${one.name}`,
        text(clear({ ...one.inputs, reloadTriggers: undefined })),
      ]),
    );
  const before = inputs(graph);
  const changed = [...inputs(larger)].filter(([one, value]) => before.get(one) !== value).map(([one]) => one);
  expect(changed.filter((one) => one.includes(":Service "))).toEqual([]);
  const nodes = ["node1", "node2", "node3"].map((node) => `host:index:File postgres-${node}-postgres`);
  expect(changed).toEqual(expect.arrayContaining([...nodes, "host:index:PostgresCluster postgres-cluster"]));
});

test("the same settings give the same inputs", async () => {
  const again = await composed(settingsOf("local"));
  const inputs = ({ registrations }: Graph<unknown>) =>
    Object.fromEntries(registrations.map((one) => [`${one.type} ${one.name}`, clear(one.inputs)]));
  expect(inputs(again)).toEqual(inputs(graph));
});

describe("secrets", () => {
  test("are in many places, and in none unmarked", () => {
    const holding = graph.registrations.filter(({ inputs }) => text(clear(inputs)).includes(secretWord));
    expect(holding.length).toBeGreaterThan(15);
    const unmarked = holding.filter(({ inputs }) => text(hidden(inputs)).includes(secretWord));
    expect(unmarked.map(({ name }) => name)).toEqual([]);
  });

  test("hide the verifiers of passwords, too", () => {
    const verifier = /SCRAM-SHA-256\$\d/;
    const holding = graph.registrations.filter(({ inputs }) => verifier.test(text(clear(inputs))));
    expect(holding.length).toBeGreaterThan(4);
    expect(holding.filter(({ inputs }) => verifier.test(text(hidden(inputs)))).map(({ name }) => name)).toEqual([]);
  });

  test("are in no file that another user than the service user may read", () => {
    const isOpen = ({ mode = "0600" }: Registration["inputs"]) => mode !== "0600" && mode !== "0700";
    const readable = ofType("File").filter(
      ({ inputs }) => text(clear(inputs["content"])).includes(secretWord) && isOpen(inputs),
    );
    expect(readable.map(({ name }) => name)).toEqual([]);
    const open = ofType("File").filter(({ inputs }) => isOpen(inputs));
    expect(open.every(({ name }) => name.endsWith("-crt") || name.endsWith("-ca-file"))).toBe(true);
  });

  test("are in no command line, environment or trigger of a service", () => {
    for (const { inputs } of ofType("Service")) expect(text(clear(inputs))).not.toContain(secretWord);
  });

  test("hide the SQL that makes the administrator", () => {
    const made = ofType("Script").find(({ name }) => name.endsWith("administrator-role"));
    expect(hidden(made?.inputs["apply"])).toBe("[secret]");
  });

  test("hide the connections, the key of the backups and the password of the monitoring, and nothing else of what the stack exports", async () => {
    const monitored = settingsOf("local", (keys) => Object.assign(keys, { monitoring: { enabled: true } }));
    const { connections, backupKey, monitoringPassword, ...rest } = (await composed(monitored)).result;
    expect(monitoringPassword).toBeDefined();
    expect(await pulumi.isSecret(connections)).toBe(true);
    expect(await pulumi.isSecret(backupKey)).toBe(true);
    expect(await pulumi.isSecret(pulumi.output(monitoringPassword))).toBe(true);
    const plain = await new Promise((resolve) => pulumi.output(rest).apply(resolve));
    expect(text(plain)).not.toContain(secretWord);
    expect(await pulumi.isSecret(pulumi.output(rest))).toBe(false);
  });
});

describe("order", () => {
  const after = new Map<string, Set<string>>();
  const ancestors = (name: string): Set<string> => {
    const known = after.get(name);
    if (known !== undefined) return known;
    const found = new Set<string>();
    after.set(name, found);
    for (const one of graph.registrations.filter((other) => other.name === name)) {
      for (const dependency of one.dependencies.filter((other) => other !== name)) {
        found.add(dependency);
        ancestors(dependency).forEach((other) => found.add(other));
      }
    }
    return found;
  };

  test("a service comes after the supervisor and after every file that its command names", () => {
    const files = new Map(ofType("File").map(({ name, inputs }) => [inputs["path"], name]));
    expect(ofType("Service").length).toBeGreaterThan(6);
    for (const { name, inputs } of ofType("Service")) {
      const needed = (inputs["command"] as string[]).flatMap((word) => files.get(word) ?? []);
      expect([...ancestors(name)]).toEqual(expect.arrayContaining(["foundation-supervisor", ...needed]));
    }
  });

  test("a file or folder comes after the folder that it is in", () => {
    const folders = new Map(ofType("Directory").map(({ name, inputs }) => [inputs["path"] as string, name]));
    for (const { name, inputs } of [...ofType("File"), ...ofType("Directory")]) {
      const parent = folders.get((inputs["path"] as string).replace(/\/[^/]+$/, ""));
      if (parent !== undefined) expect(ancestors(name)).toContain(parent);
    }
  });

  test("roles come after the cluster, the pooler after the roles, the first backup after its login", () => {
    expect(ancestors("access-role-app")).toContain("postgres-cluster");
    // It restarts the servers for another memory, and they start with that.
    expect(ancestors("postgres-cluster")).toContain("postgres-node3-postgres");
    expect(ancestors("pooler")).toContain("access-role-app");
    expect(ancestors("backups-stanza")).toContain("backups-login");
    expect(ancestors("backups-drill")).toContain("backups-stanza");
    expect(ancestors("backups-schedule")).toContain("backups-drill");
  });

  test("the first drill, which looks into every database, comes after all that makes them and their roles", async () => {
    const two = await composed(
      settingsOf("local", (keys) => {
        keys["databases"] = { ...(keys["databases"] as object), zoo: { applications: { keeper: { pool: 1 } } } };
      }),
    );
    const access = two.registrations.filter(({ type }) => type.startsWith("postgresql:"));
    expect(access.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["access-database-app", "access-database-zoo"]),
    );
    const drill = two.registrations.find(({ name }) => name === "backups-drill");
    expect(drill?.dependencies).toEqual(expect.arrayContaining(access.map(({ name }) => name)));
  });
});

test("no resource of a shared component is of a platform's type", () => {
  const shared = graph.registrations.filter(({ name }) => name === "access" || name.startsWith("access-"));
  expect(shared.length).toBeGreaterThan(20);
  // The platform itself makes those that need a superuser (`Server.asSuperuser`).
  const own = shared.filter(({ name }) => !name.startsWith("access-extension-"));
  expect(own.filter(({ type }) => /^(host|aws|kubernetes):|local/.test(type))).toEqual([]);
});

test("traces are kept of what is thrown, and not of what Pulumi takes along the way", () => {
  expect(new Error().stack).toBe("Error");
  expect(new Error("thrown").stack).toContain("local.test.ts:");
});
