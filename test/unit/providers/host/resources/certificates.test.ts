import { createPrivateKey, X509Certificate } from "node:crypto";
import { host } from "../../../../../providers/host/host";
import { type Kept, PluginStage } from "../../../../support/plugins/stage";

const stage = new PluginStage(host);
const day = 86_400_000;
const start = new Date("2030-05-01T12:00:00Z");
let authority: Kept;

/** Only the clock: gRPC and cryptography need real timers. */
const setClock = (time: Date | number): void => {
  jest.useFakeTimers({
    now: time,
    doNotFake: ["nextTick", "setImmediate", "setTimeout", "setInterval", "queueMicrotask"],
  });
};

beforeAll(async () => {
  setClock(start);
  authority = await stage.create("CertificateAuthority", { commonName: "howdah test" });
});
beforeEach(() => {
  setClock(start);
});
afterAll(() => {
  jest.useRealTimers();
});

const leafInputs = (news: Record<string, unknown> = {}) => ({
  commonName: "node1",
  dnsNames: ["node1", "localhost"],
  ipAddresses: ["127.0.0.1", "::1"],
  authorityPem: authority.state["certificatePem"],
  authorityKeyPem: authority.state["privateKeyPem"],
  ...news,
});
const leaf = (news: Record<string, unknown> = {}) => stage.create("Certificate", leafInputs(news));
const parse = (kept: Kept) => new X509Certificate(kept.state["certificatePem"] as string);
const keyOf = (kept: Kept) => createPrivateKey(kept.state["privateKeyPem"] as string);
const daysOf = (one: X509Certificate): number => (Date.parse(one.validTo) - start.getTime()) / day;

describe("an authority", () => {
  test("signs itself, is valid for ten years, and its key is the one it says", () => {
    const certificate = parse(authority);
    expect(certificate.subject).toBe("CN=howdah test");
    expect(certificate.issuer).toBe("CN=howdah test");
    expect(certificate.ca).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(keyOf(authority))).toBe(true);
    expect(daysOf(certificate)).toBe(3650);
  });

  test("two are never the same", async () => {
    const other = await stage.create("CertificateAuthority", { commonName: "howdah test" });
    expect(other.id).not.toBe(authority.id);
    expect(parse(other).serialNumber).not.toBe(parse(authority).serialNumber);
    expect(parse(await leaf()).verify(parse(other).publicKey)).toBe(false);
  });

  test("a changed name replaces it", async () => {
    expect(await stage.diff(authority, { commonName: "howdah test" })).toEqual([]);
    expect(await stage.diff(authority, { commonName: "other" })).toEqual([{ property: "commonName", kind: "replace" }]);
  });
});

describe("a leaf", () => {
  test("is signed by the authority, for the names and addresses asked for, and for both ends of a connection", async () => {
    const made = await leaf();
    const certificate = parse(made);
    expect(certificate.verify(parse(authority).publicKey)).toBe(true);
    expect(certificate.checkIssued(parse(authority))).toBe(true);
    expect(certificate.checkPrivateKey(keyOf(made))).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.subjectAltName?.split(", ").sort()).toEqual([
      "DNS:localhost",
      "DNS:node1",
      "IP Address:0:0:0:0:0:0:0:1",
      "IP Address:127.0.0.1",
    ]);
    // Object identifiers of serverAuth and clientAuth; `keyUsage` of node is the extended one.
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    expect(certificate.checkHost("node1")).toBe("node1");
    expect(certificate.checkHost("node2")).toBeUndefined();
    expect(certificate.checkIP("127.0.0.2")).toBeUndefined();
  });

  test("is valid for 90 days, and from an hour ago, for a clock that is late", async () => {
    const certificate = parse(await leaf());
    expect(daysOf(certificate)).toBe(90);
    expect(Date.parse(certificate.validFrom)).toBe(start.getTime() - 3_600_000);
  });

  test("has a serial number that is positive and of 20 bytes at most (RFC 5280, 4.1.2.2)", async () => {
    const numbers = await Promise.all(Array.from({ length: 20 }, async () => parse(await leaf()).serialNumber));
    for (const number of numbers) {
      expect(BigInt(`0x${number}`) > 0n).toBe(true);
      expect(number.length).toBeLessThanOrEqual(40);
      expect(Number.parseInt(number.slice(0, 2), 16)).toBeLessThan(0x80);
    }
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  const renewal = [{ property: "notAfter", kind: "update", drift: true }];
  test.each([
    ["at once", 0, []],
    ["with 30 days and a minute left", 60 - 1 / 1440, []],
    ["with a minute less than 30 days left", 60 + 1 / 1440, renewal],
    ["long after its end", 200, renewal],
  ])("%s: renewal due", async (_when, days, expected) => {
    const made = await leaf();
    setClock(start.getTime() + days * day);
    expect(await stage.diff(made, leafInputs())).toEqual(expected);
  });

  test("renewed, it has another key and serial number, and is not due", async () => {
    const made = await leaf();
    setClock(start.getTime() + 70 * day);
    const renewed = await stage.update(made, leafInputs());
    expect(parse(renewed).serialNumber).not.toBe(parse(made).serialNumber);
    expect(renewed.state["privateKeyPem"]).not.toBe(made.state["privateKeyPem"]);
    expect(daysOf(parse(renewed))).toBe(160);
    expect(await stage.diff(renewed, leafInputs())).toEqual([]);
  });

  test("another name signs again; another margin alone does not", async () => {
    const made = await leaf();
    const news = leafInputs({ dnsNames: ["node1", "db.example"] });
    expect(await stage.diff(made, news)).toEqual([{ property: "dnsNames", kind: "update" }]);
    expect(parse(await stage.update(made, news)).subjectAltName).toContain("DNS:db.example");
    expect(await stage.diff(made, leafInputs({ renewAtDaysLeft: 20 }))).toEqual([]);
  });

  test("a margin that renews at every run is refused", async () => {
    await expect(leaf({ days: 30, renewAtDaysLeft: 30 })).rejects.toThrow("renewAtDaysLeft: must be less than days");
    await expect(leaf({ ipAddresses: ["localhost"] })).rejects.toThrow("ipAddresses.0");
  });
});
