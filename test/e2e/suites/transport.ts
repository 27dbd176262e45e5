import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer, type ConnectionOptions, type SecureContextOptions } from "node:tls";
import type { AddressInfo } from "node:net";
import { createAuthority, signLeaf } from "../../../providers/host/x509";
import { https } from "../../support/servers/https";
import { listening } from "../../support/stack/processes";
import { superuser } from "../../support/stack/stack";
import { plainAnswer, silentTo, startupMessage, tlsOutcome, type Protocol } from "../../support/servers/wire";
import { refusal, type Running } from "./context";

/** Loopback, as /proc/net/tcp writes it. */
const loopback = "0100007F";
const base = 7400;

/** What a port speaks, by its offset in the stack's hundred; a port that nobody declared here fails the tests. */
const protocols: readonly { readonly from: number; readonly to: number; readonly protocol: Protocol }[] = [
  { from: 32, to: 49, protocol: "postgres" },
  { from: 50, to: 79, protocol: "https" },
];
const isEtcd = (port: number): boolean => port >= base + 60;
const isPeer = (port: number): boolean => port >= base + 70;

const protocolOf = (port: number): Protocol => {
  const found = protocols.find(({ from, to }) => port >= base + from && port <= base + to);
  if (found === undefined) throw new Error(`what does port ${port} speak? Say it here, so that it is tested`);
  return found.protocol;
};

/** Old enough for TLS 1.1: OpenSSL refuses it by itself above security level 0. */
const oldTls: SecureContextOptions = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL@SECLEVEL=0" };

/** A server that still speaks TLS 1.1: the control of the client that tries it. */
async function withOldServer<T>(work: (port: number) => Promise<T>): Promise<T> {
  const authority = await createAuthority("old", 1);
  const leaf = await signLeaf(authority, { commonName: "old", dnsNames: ["localhost"], ipAddresses: [], days: 1 });
  const server = createServer({ ...oldTls, cert: leaf.certificatePem, key: leaf.privateKeyPem });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

/** Encryption and verification on every port that the stack listens on. */
export function transport(running: () => Running): void {
  const ports = (): number[] => listening(running().stack).map(({ port }) => port);
  const each = async <T>(work: (port: number, protocol: Protocol) => Promise<T>): Promise<Record<number, T>> =>
    Object.fromEntries(
      await Promise.all(ports().map(async (port) => [port, await work(port, protocolOf(port))] as const)),
    );
  const all = <T>(outcome: T): Record<number, T> => Object.fromEntries(ports().map((port) => [port, outcome]));
  const read = (file: string): string => readFileSync(running().stack.path("tls", file), "utf8");
  const identity = (name: string, ca = running().ca): ConnectionOptions => ({
    ca,
    cert: read(`${name}.crt`),
    key: read(`${name}.key`),
  });
  const operator = (): ConnectionOptions => identity("operator");
  /** Members of etcd know each other by an authority that nobody else has a certificate of. */
  const peer = (): ConnectionOptions => identity("etcd1-peer", read("peers-ca.crt"));
  const friend = (port: number): ConnectionOptions => (isPeer(port) ? peer() : operator());

  describe("the ports of the stack", () => {
    test("are its own, and listen on the loopback only", () => {
      const found = listening(running().stack);
      // Pooler, two routes, three servers, three agents, three etcd members with two ports each.
      expect(found.map(({ port }) => port - base)).toEqual([
        32, 33, 34, 41, 42, 43, 51, 52, 53, 61, 62, 63, 71, 72, 73,
      ]);
      expect(found.filter(({ address }) => address !== loopback)).toEqual([]);
    });

    test("refuse plain text", async () => {
      const answers = await each(async (port, protocol) =>
        protocol === "postgres"
          ? plainAnswer(port, startupMessage("app", "app"))
          : plainAnswer(port, "GET /health HTTP/1.0\r\n\r\n"),
      );
      // An error of the server's, a refusal of HTTP, or nothing; never the request for a password (R) or an answer (200).
      const accepted = Object.entries(answers).filter(
        ([, answer]) =>
          !(answer === "" || /^E/.test(answer) || /^HTTP\/1.0 400/.test(answer) || /^\x15\x03/.test(answer)),
      );
      expect(accepted).toEqual([]);
    });

    test("refuse a session in plain text with the right password", async () => {
      const password = running().passwords["access-login-app-password"] ?? "";
      const postgres = ports().filter((port) => protocolOf(port) === "postgres");
      const answers = await Promise.all(
        postgres.map((port) => refusal(running(), { port, user: "app", password, database: "app", ssl: false })),
      );
      expect(answers.filter((answer) => !/no encryption|SSL required/.test(answer))).toEqual([]);
      expect(await refusal(running(), { port: running().primary, user: "app", password, database: "app" })).toBe(
        "let in",
      );
    });

    test("show a certificate of the stack's authority for this name, and no other passes", async () => {
      expect(await each((port, protocol) => tlsOutcome(port, protocol, friend(port)))).toEqual(all("connected"));
      const other = await createAuthority("another", 1);
      const stranger = { ...operator(), ca: other.certificatePem };
      const refused = await each((port, protocol) => tlsOutcome(port, protocol, stranger));
      // The second if the server sends its authority along.
      const untrusted = ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "SELF_SIGNED_CERT_IN_CHAIN"];
      expect(Object.entries(refused).filter(([, outcome]) => !untrusted.includes(outcome))).toEqual([]);
      const misnamed = (port: number) => ({ ...friend(port), servername: "db.example.org" });
      expect(await each((port, protocol) => tlsOutcome(port, protocol, misnamed(port)))).toEqual(
        all("ERR_TLS_CERT_ALTNAME_INVALID"),
      );
    });

    test("of Patroni end silent connections, however many, and the primary stays reachable meanwhile", async () => {
      const agents = [51, 52, 53].map((offset) => base + offset);
      const silent = await Promise.all(agents.flatMap((port) => Array.from({ length: 200 }, () => silentTo(port))));
      const password = running().passwords["access-login-app-password"] ?? "";
      const login = { port: running().ports.readWrite, user: "app", password, database: "app" };
      const answers = new Set<string>();
      while (!silent.every(({ closed }) => closed)) {
        answers.add(await refusal(running(), login));
        await sleep(100);
      }
      expect([...answers]).toEqual(["let in"]);
    });

    test("refuse TLS 1.1", async () => {
      const old = { ...operator(), ...oldTls };
      const outcomes = await each((port, protocol) => tlsOutcome(port, protocol, old));
      // Python's servers have no cipher or signature left for it, and name that instead.
      const alert = /ALERT_(PROTOCOL_VERSION|HANDSHAKE_FAILURE|INTERNAL_ERROR)/;
      expect(Object.entries(outcomes).filter(([, outcome]) => !alert.test(outcome))).toEqual([]);
      const control = await withOldServer((port) =>
        tlsOutcome(port, "https", { ...oldTls, rejectUnauthorized: false }),
      );
      expect(control).toBe("connected");
    });
  });

  describe("client certificates", () => {
    test("etcd answers no client without one", async () => {
      const etcd = ports().filter(isEtcd);
      expect(etcd).toHaveLength(6);
      const bare = await Promise.all(
        etcd.map((port) => https(port, { ca: friend(port).ca, path: "/version" }).catch(String)),
      );
      expect(bare.filter((answer) => typeof answer !== "string")).toEqual([]);
      const known = await Promise.all(etcd.map((port) => https(port, { ...friend(port), path: "/version" })));
      expect(known.map(({ status }) => status)).toEqual(etcd.map(() => 200));
    });

    test("a member of etcd takes no peer with any other certificate of the stack", async () => {
      const peers = ports().filter(isPeer);
      const others = ["operator", "node1", "etcd1", "pgbouncer"].map((name) => identity(name, read("peers-ca.crt")));
      const tried = peers.flatMap((port) =>
        others.map((other) => https(port, { ...other, path: "/version" }).catch(String)),
      );
      expect((await Promise.all(tried)).filter((answer) => typeof answer !== "string")).toEqual([]);
      const known = await Promise.all(peers.map((port) => https(port, { ...peer(), path: "/version" })));
      expect(known.map(({ status }) => status)).toEqual(peers.map(() => 200));
      // The other way round, too: a peer is no client.
      const client = https(base + 61, { ...peer(), ca: running().ca, path: "/version" });
      await expect(client).rejects.toThrow();
    });

    test("etcd takes no suite that encrypts and authenticates in two steps", async () => {
      const old = { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0" } as const;
      const good = { ...old, ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" } as const;
      const etcd = ports().filter(isEtcd);
      const outcomes = (suite: ConnectionOptions) =>
        Promise.all(etcd.map((port) => tlsOutcome(port, "https", { ...friend(port), ...suite })));
      expect((await outcomes(old)).filter((outcome) => outcome === "connected")).toEqual([]);
      expect(new Set(await outcomes(good))).toEqual(new Set(["connected"]));
    });

    test("Patroni is read by anybody and changed by a certificate of the authority only", async () => {
      const port = base + 51;
      const change = { method: "PATCH", path: "/config", body: JSON.stringify({ howdah_trial: 1 }) };
      const undo = { ...change, body: JSON.stringify({ howdah_trial: null }) };
      expect(await https(port, { ca: running().ca, path: "/patroni" })).toMatchObject({ status: 200 });
      expect(await https(port, { ca: running().ca, ...change })).toMatchObject({ status: 403 });
      const other = await createAuthority("another", 1);
      const leaf = await signLeaf(other, { commonName: "operator", dnsNames: [], ipAddresses: [], days: 1 });
      const foreign = { ca: running().ca, cert: leaf.certificatePem, key: leaf.privateKeyPem };
      await expect(https(port, { ...foreign, ...change })).rejects.toThrow();
      const writes = ["/restart", "/reload", "/switchover", "/failover", "/reinitialize"];
      const refused = await Promise.all(
        writes.map((path) => https(port, { ca: running().ca, method: "POST", path, body: "{}" })),
      );
      expect(refused.map(({ status }) => status)).toEqual(writes.map(() => 403));
      expect(await https(port, { ...operator(), ...change })).toMatchObject({ status: 200 });
      expect(await https(port, { ...operator(), ...undo })).toMatchObject({ status: 200 });
    });
  });

  describe("passwords", () => {
    test("a wrong one is refused at every door", async () => {
      const { ports: doors } = running();
      const list = [doors.pooler, doors.readWrite, doors.readWrite + 1, ...doors.nodes];
      const login = { user: "app", password: "wrong", database: "app" };
      const answers = await Promise.all(list.map((port) => refusal(running(), { port, ...login })));
      expect(answers.filter((answer) => !/authentication failed/.test(answer))).toEqual([]);
    });

    test("cross the wire as SCRAM only, and rest as SCRAM verifiers", async () => {
      const { stack, ports: doors } = running();
      const rules =
        "SELECT string_agg(DISTINCT type || ' ' || auth_method, ',' ORDER BY type || ' ' || auth_method) FROM pg_hba_file_rules";
      const found = await Promise.all(doors.nodes.map((port) => superuser(stack, port, rules)));
      expect(new Set(found)).toEqual(new Set(["host reject,hostssl scram-sha-256,local peer"]));
      expect(await superuser(stack, running().primary, "SHOW password_encryption")).toBe("scram-sha-256");
      const weak = "SELECT string_agg(rolname, ' ') FROM pg_authid WHERE rolpassword NOT LIKE 'SCRAM-SHA-256$%'";
      expect(await superuser(stack, running().primary, weak)).toBe("");
    });
  });
}
