import { parse } from "yaml";
import { etcdConfiguration } from "../../../../components/platforms/local/etcd";
import { sampleLayout } from "../../../support/local-layout";

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

test("nobody comes without a certificate of the stack's authority", () => {
  for (const one of configurations) {
    const transport = {
      "cert-file": `/var/lib/howdah/local/tls/${String(one["name"])}.crt`,
      "key-file": `/var/lib/howdah/local/tls/${String(one["name"])}.key`,
      "trusted-ca-file": "/var/lib/howdah/local/tls/ca.crt",
      "client-cert-auth": true,
    };
    expect(one).toMatchObject({ "client-transport-security": transport, "peer-transport-security": transport });
  }
});

test("an election waits for several heartbeats, and Patroni's gateway is on", () => {
  for (const one of configurations) {
    expect(Number(one["election-timeout"])).toBeGreaterThanOrEqual(5 * Number(one["heartbeat-interval"]));
    expect(one["enable-grpc-gateway"]).toBe(true);
  }
});
