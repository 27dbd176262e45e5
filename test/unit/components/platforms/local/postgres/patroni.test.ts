import { parse } from "yaml";
import {
  configurationMark,
  dynamicConfiguration,
  patroniConfiguration,
} from "../../../../../../components/platforms/local/postgres/patroni";
import { failoverPlan } from "../../../../../../components/postgres/objectives";
import { sampleLayout } from "../../../../../support/local-layout";

const layout = sampleLayout();
const parameters = { max_connections: "50", shared_buffers: "256MB" };
const synchronous = failoverPlan({ rto: "30 seconds", rpo: "0 seconds" }, 1);
const input = {
  layout,
  node: layout.nodes[0]!,
  serviceUser: "postgres",
  postgresBin: "/usr/lib/postgresql/15/bin",
  version: 15,
  postgres: "/stack/etc/postgres-node1",
  plan: synchronous,
  parameters,
  allow: [{ cidr: "10.0.0.0/8", reason: "the office" }],
  replicationPassword: "word-of-replication",
  rewindPassword: "word: of # rewind\n'\"",
};
const text = patroniConfiguration(input);

interface Configuration {
  readonly restapi: Record<string, string>;
  readonly etcd3: Record<string, unknown>;
  readonly bootstrap: { readonly dcs: Record<string, unknown>; readonly initdb: unknown[] };
  readonly postgresql: {
    readonly authentication: Record<string, Record<string, string>>;
    readonly parameters: Record<string, string>;
    readonly pg_hba: string[];
    readonly bin_dir: string;
    readonly bin_name: Record<string, string>;
  };
}
const configuration = parse(text) as Configuration;

test("of pg_hba.conf, TCP begins with the superuser's refusal, lets in by TLS and SCRAM only, and ends with a refusal", () => {
  const rules = configuration.postgresql.pg_hba;
  const tcp = rules.filter((rule) => rule.startsWith("host"));
  expect(tcp[0]).toBe("host all postgres all reject");
  expect(rules.at(-1)).toBe("host all all all reject");
  for (const rule of tcp) expect(rule.replace(/ #.*/, "")).toMatch(/^hostssl .* scram-sha-256$|^host .* reject$/);
  for (const rule of rules.filter((one) => one.startsWith("local"))) expect(rule).toMatch(/ peer map=howdah$/);
  expect(rules.join(" ")).not.toMatch(/\b(md5|trust|password)\b/);
});

test("pg_hba.conf in full", () => {
  expect(configuration.postgresql.pg_hba).toMatchInlineSnapshot(`
    [
      "local all postgres peer map=howdah",
      "local replication replicator peer map=howdah",
      "local all howdah_reader,howdah_maintenance peer map=howdah",
      "local howdah_restore howdah_restore peer map=howdah",
      "local postgres howdah_backup_agent peer map=howdah",
      "host all postgres all reject",
      "hostssl replication replicator 127.0.0.1/32 scram-sha-256",
      "hostssl postgres rewind 127.0.0.1/32 scram-sha-256",
      "hostssl all howdah_admin 127.0.0.1/32 scram-sha-256",
      "host all replicator,rewind,howdah_reader,howdah_maintenance,howdah_restore,howdah_backup_agent,howdah_admin all reject",
      "hostssl all all 10.0.0.0/8 scram-sha-256 # the office",
      "host all all all reject",
    ]
  `);
});

test("every hop over TCP is TLS with a verified peer", () => {
  const { restapi, etcd3, postgresql } = configuration;
  expect(restapi).toMatchObject({
    certfile: expect.stringMatching(/node1\.crt$/) as string,
    verify_client: "optional",
  });
  expect(etcd3).toMatchObject({ protocol: "https", cacert: expect.stringMatching(/ca\.crt$/) as string });
  for (const login of ["replication", "rewind"]) {
    expect(postgresql.authentication[login]).toMatchObject({ sslmode: "verify-full" });
  }
  expect(postgresql.parameters["ssl_cert_file"]).toMatch(/node1\.crt$/);
});

test("the superuser has no password, and a password survives YAML", () => {
  const { superuser, replication, rewind } = configuration.postgresql.authentication;
  expect(superuser).toEqual({ username: "postgres" });
  expect(replication?.["password"]).toBe("word-of-replication");
  expect(rewind?.["password"]).toBe("word: of # rewind\n'\"");
});

test("a new cluster has checksums, and SCRAM from the start", () => {
  expect(configuration.bootstrap.initdb).toEqual(
    expect.arrayContaining(["data-checksums", { "auth-host": "scram-sha-256" }]),
  );
});

test("a new cluster has PostgreSQL's own collation from version 17 on", () => {
  const options = (version: number) =>
    (parse(patroniConfiguration({ ...input, version })) as Configuration).bootstrap.initdb;
  const builtin = [{ "locale-provider": "builtin" }, { "builtin-locale": "C.UTF-8" }];
  expect(options(17)).toEqual(expect.arrayContaining(builtin));
  for (const option of builtin) expect(options(16)).not.toContainEqual(option);
});

test("what is in the DCS at first is what the cluster is kept at", () => {
  expect(configuration.bootstrap.dcs).toEqual(dynamicConfiguration(synchronous, parameters));
});

test("the parameters name themselves, others otherwise", () => {
  const named = (some: Record<string, string>): Record<string, string> =>
    (dynamicConfiguration(synchronous, some)["postgresql"] as { parameters: Record<string, string> }).parameters;
  const { parameter, value } = configurationMark(parameters);
  expect(named(parameters)).toEqual({ ...parameters, [parameter]: value });
  expect(named({ ...parameters, max_connections: "60" })[parameter]).not.toBe(value);
});

test("PostgreSQL alone starts through the script; its other programs are where they always are", () => {
  expect(configuration.postgresql.bin_name).toEqual({ postgres: "/stack/etc/postgres-node1" });
  expect(configuration.postgresql.bin_dir).toBe("/usr/lib/postgresql/15/bin");
});

test("an RPO of 0 is synchronous, another is not", () => {
  expect(dynamicConfiguration(synchronous, {})["synchronous_mode"]).toBe(synchronous.synchronous);
  expect(synchronous.synchronous).toBe(true);
  const relaxed = failoverPlan({ rto: "30 seconds", rpo: "5 minutes" }, 1);
  expect(dynamicConfiguration(relaxed, {})["synchronous_mode"]).toBe(false);
});

test("Patroni's timers keep its own rule: ttl is no less than loop_wait and two retries", () => {
  const { ttl, loop_wait: loop, retry_timeout: retry } = dynamicConfiguration(synchronous, {});
  expect(Number(ttl)).toBeGreaterThanOrEqual(Number(loop) + 2 * Number(retry));
});
