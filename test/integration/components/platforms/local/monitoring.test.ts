import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { ruleFile, ruleGroups } from "../../../../../components/monitoring/rules";
import type { Layout } from "../../../../../components/platforms/local/layout";
import {
  monitoringFiles,
  programs,
  prometheusConfiguration,
  webConfiguration,
} from "../../../../../components/platforms/local/monitoring/files";
import { capture } from "../../../../../lib/process/attended";
import { createAuthority } from "../../../../../providers/host/x509";
import { ruleSettings } from "../../../../support/monitoring/settings";
import { sampleLayout } from "../../../../support/local-layout";

let layout: Layout;
let files: ReturnType<typeof monitoringFiles>;

beforeAll(async () => {
  layout = sampleLayout(mkdtempSync(join(tmpdir(), "howdah-m-")));
  files = monitoringFiles(layout);
  mkdirSync(layout.etc);
  mkdirSync(layout.tls);
  const authority = await createAuthority("test", 1);
  writeFileSync(join(layout.tls, "ca.crt"), authority.certificatePem);
  for (const name of ["monitoring", "prometheus"]) {
    writeFileSync(join(layout.tls, `${name}.crt`), authority.certificatePem);
    writeFileSync(join(layout.tls, `${name}.key`), authority.privateKeyPem);
  }
  writeFileSync(files.password, "password");
  writeFileSync(files.prometheus, prometheusConfiguration(layout, "db1"));
  writeFileSync(files.rules, ruleFile(ruleGroups(ruleSettings)));
});
afterAll(() => {
  rmSync(layout.root, { recursive: true, force: true });
});

const promtool = (...args: string[]): [code: number, text: string] => {
  const { code, stdout, stderr } = capture({ program: programs.promtool, args });
  return [code, `${stdout}${stderr}`];
};

test("Prometheus of this machine takes its configuration and the rules", () => {
  const [code, text] = promtool("check", "config", files.prometheus);
  expect([code, text]).toEqual([0, expect.stringContaining("is valid prometheus config file syntax")]);
  expect(text).toMatch(/SUCCESS: \d+ rules found/);
});

test("and the configuration of its web server", () => {
  writeFileSync(files.web, webConfiguration(layout, "secret"));
  expect(promtool("check", "web-config", files.web)).toEqual([0, expect.stringContaining("SUCCESS")]);
});

describe("control: it refuses", () => {
  afterEach(() => {
    writeFileSync(files.rules, ruleFile(ruleGroups(ruleSettings)));
  });

  test("a rule that is no PromQL", () => {
    const groups = [{ name: "broken", rules: [{ alert: "Broken", expr: "up ==" }] }];
    writeFileSync(files.rules, stringify({ groups }));
    expect(promtool("check", "config", files.prometheus)).toEqual([1, expect.stringContaining("parse error")]);
  });

  test("a certificate that is not there", () => {
    const certificate = join(layout.tls, "prometheus.crt");
    renameSync(certificate, `${certificate}.away`);
    const [code, text] = promtool("check", "config", files.prometheus);
    renameSync(`${certificate}.away`, certificate);
    expect([code, text]).toEqual([1, expect.stringContaining("prometheus.crt")]);
  });
});
