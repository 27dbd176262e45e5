import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { routerConfiguration } from "../../../../../../components/platforms/local/routing/haproxy";
import type { Layout } from "../../../../../../components/platforms/local/layout";
import { createAuthority } from "../../../../../../providers/host/x509";
import { sampleLayout } from "../../../../../support/local-layout";

const render = (layout: Layout, monitored = false): string =>
  routerConfiguration({ layout, maximumLag: 1_048_576, maxConnections: 50, monitored });

test("it listens on loopback only, and checks every node by Patroni's word with a verified certificate", () => {
  const text = render(sampleLayout());
  expect(text.match(/^\s*bind .*/gm)).toEqual(["  bind 127.0.0.1:6433", "  bind 127.0.0.1:6434"]);
  expect(text.match(/^\s*server .*/gm)).toHaveLength(4);
  for (const server of text.match(/^\s*server .*/gm) ?? []) {
    expect(server).toMatch(/ check-ssl verify required ca-file \S+ verifyhost node[12]$/);
  }
  expect(text).toContain("uri /primary\n");
  expect(text).toContain("uri /replica?lag=1048576\n");
});

test("only Prometheus reads its metrics, over TLS, with a certificate of the stack", () => {
  const [, metrics = ""] = /frontend metrics\n((?: {2}.*\n)+)/.exec(render(sampleLayout(), true)) ?? [];
  expect(metrics).toMatch(/bind 127\.0\.0\.1:6485 ssl crt \S+ verify required ca-file \S+\n/);
  expect(metrics).toContain("http-request deny unless { ssl_c_s_dn(cn) -m str prometheus }\n");
  expect(render(sampleLayout())).not.toContain("metrics");
});

test("reads go to the primary only while no replica is up", () => {
  const [, readOnly = ""] = /frontend read-only\n((?: {2}.*\n)+)/.exec(render(sampleLayout())) ?? [];
  expect(
    readOnly
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.trim()),
  ).toEqual(["use_backend replicas if { nbsrv(replicas) gt 0 }", "default_backend primary"]);
});

const program = "/usr/sbin/haproxy";
const withProgram = existsSync(program) ? describe : describe.skip;
withProgram("HAProxy itself", () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "howdah-h-"));
    await mkdir(join(root, "tls"));
    await writeFile(join(root, "tls", "ca.crt"), (await createAuthority("test", 1)).certificatePem);
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const verdict = async (text: string) => {
    await writeFile(join(root, "haproxy.cfg"), text);
    return spawnSync(program, ["-c", "-f", join(root, "haproxy.cfg")], { encoding: "utf8" });
  };

  test("takes it, without a warning", async () => {
    const { status, stderr } = await verdict(render(sampleLayout(root)));
    expect([status, stderr]).toEqual([0, ""]);
  });

  test("takes it with metrics, whose key is in a file next to the certificate", async () => {
    const authority = await createAuthority("test", 1);
    await writeFile(join(root, "tls", "monitoring.crt"), authority.certificatePem);
    await writeFile(join(root, "tls", "monitoring.key"), authority.privateKeyPem);
    const { status, stderr } = await verdict(render(sampleLayout(root), true));
    expect([status, stderr]).toEqual([0, ""]);
    await rm(join(root, "tls", "monitoring.key"));
    expect((await verdict(render(sampleLayout(root), true))).status).toBe(1);
  });

  test("refuses it with a backend that is not there", async () => {
    const { status } = await verdict(
      render(sampleLayout(root)).replace("default_backend primary", "default_backend none"),
    );
    expect(status).toBe(1);
  });
});
