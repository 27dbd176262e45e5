import { parse } from "yaml";
import { etcdConfiguration } from "../../../../../../components/platforms/local/etcd/configuration";
import { sampleLayout } from "../../../../../support/local-layout";

const layout = sampleLayout();
const configurations = layout.etcd.map((member) => parse(etcdConfiguration(layout, member)) as Record<string, unknown>);

test("every member knows all, and each its own addresses, over TLS on loopback only", () => {
  const everyone = "etcd1=https://127.0.0.1:6471,etcd2=https://127.0.0.1:6472,etcd3=https://127.0.0.1:6473";
  expect(configurations.map((one) => one["initial-cluster"])).toEqual([everyone, everyone, everyone]);
  for (const one of configurations) {
    const urls = Object.entries(one).filter(([key]) => key.endsWith("-urls"));
    expect(urls).toHaveLength(4);
    for (const [, url] of urls) expect(url).toMatch(/^https:\/\/127\.0\.0\.1:64\d\d$/);
    expect(one["listen-client-urls"]).toBe(one["advertise-client-urls"]);
    expect(one["listen-peer-urls"]).toBe(one["initial-advertise-peer-urls"]);
    expect(everyone).toContain(`${String(one["name"])}=${String(one["listen-peer-urls"])}`);
  }
});

test("no client comes without a certificate of the stack's authority, and no peer without one of the peers'", () => {
  for (const one of configurations) {
    const transport = (certificate: string, authority: string) => ({
      "cert-file": `/var/lib/howdah/local/tls/${certificate}.crt`,
      "key-file": `/var/lib/howdah/local/tls/${certificate}.key`,
      "trusted-ca-file": `/var/lib/howdah/local/tls/${authority}.crt`,
      "client-cert-auth": true,
    });
    expect(one).toMatchObject({
      "client-transport-security": transport(String(one["name"]), "ca"),
      "peer-transport-security": transport(`${String(one["name"])}-peer`, "peers-ca"),
    });
  }
});

test("suites encrypt and authenticate in one step, with forward secrecy", () => {
  for (const one of configurations) {
    const suites = one["cipher-suites"] as string[];
    expect(suites.length).toBeGreaterThan(0);
    for (const suite of suites) expect(suite).toMatch(/^TLS_ECDHE_(ECDSA|RSA)_WITH_AES_\d+_GCM_SHA\d+$/);
  }
});

test("an election waits for several heartbeats, and Patroni's gateway is on", () => {
  for (const one of configurations) {
    expect(Number(one["election-timeout"])).toBeGreaterThanOrEqual(5 * Number(one["heartbeat-interval"]));
    expect(one["enable-grpc-gateway"]).toBe(true);
  }
});
