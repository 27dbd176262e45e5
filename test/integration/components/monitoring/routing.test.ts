import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { routingFiles } from "../../../../components/monitoring/routing";
import { monitoringSchema } from "../../../../components/monitoring/schema";
import { capture } from "../../../../lib/process/attended";
import { receivers } from "../../../support/monitoring/receivers";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "howdah-routing-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const amtool = (...args: string[]) => capture({ program: "/usr/bin/amtool", args });

/** The program on this machine. */
const version = (): string =>
  capture({ program: "/usr/bin/prometheus-alertmanager", args: ["--version"] }).stdout.split("\n")[0] ?? "";

/** Writes the files of a config, and gives the path of alertmanager.yml. */
function written(routing: object): string {
  const files = routingFiles({
    routing: monitoringSchema.parse({ routing }).routing,
    version: version(),
    secretFile: (name) => join(folder, name),
  });
  for (const [name, secret] of Object.entries(files.secrets)) writeFileSync(join(folder, name), secret.reveal());
  const path = join(folder, "alertmanager.yml");
  writeFileSync(path, files.configuration);
  return path;
}

const { hook, ...others } = receivers;
const everything = {
  receivers: {
    ...others,
    oncall: { ...others.oncall, webhook: { url: "https://example.com/page" } },
    snitch: hook,
  },
  critical: ["oncall", "team"],
  warning: ["team"],
  info: ["mail"],
  deadMan: "snitch",
  quietHours: [
    { from: "22:00", to: "07:00", timeZone: "Europe/Berlin" },
    { days: ["saturday", "sunday"], from: "00:00", to: "00:00" },
  ],
};

describe("Alertmanager of this machine accepts", () => {
  test.each<[string, object]>([
    ["a config without receivers", {}],
    ["one with every kind of receiver, and quiet hours", everything],
    ["its defaults with every kind", { receivers: everything.receivers }],
    ["the shortest times", { ...everything, wait: { critical: "0 seconds", other: "0 seconds" } }],
  ])("%s", (_what, routing) => {
    const { code, stdout, stderr } = amtool("check-config", written(routing));
    expect([code, `${stdout}${stderr}`]).toEqual([0, expect.stringContaining("SUCCESS")]);
  });

  test("control: but not a receiver that there is not", () => {
    const path = written(everything);
    const { receivers, ...rest } = everything;
    const { configuration } = routingFiles({
      routing: monitoringSchema.parse({ routing: { ...rest, receivers: { team: receivers.team } } }).routing,
      version: version(),
      secretFile: (name) => join(folder, name),
    });
    writeFileSync(path, configuration);
    const { code, stderr, stdout } = amtool("check-config", path);
    expect(code).not.toBe(0);
    expect(`${stdout}${stderr}`).toContain('undefined receiver "snitch"');
  });
});

describe("an alert with these labels goes to", () => {
  const all = { stack: "prod", alertname: "PostgresDown", server: "node1" };
  const table: [labels: Record<string, string>, receivers: string][] = [
    [{ ...all, severity: "critical", nature: "cause" }, "oncall,team"],
    [{ ...all, severity: "critical", nature: "symptom" }, "oncall,team"],
    [{ ...all, severity: "warning", nature: "cause" }, "team"],
    [{ ...all, severity: "info" }, "mail"],
    // Nothing of ours; no rule says where it belongs.
    [{ ...all, severity: "page" }, "none"],
    [{ stack: "prod", alertname: "Watchdog", severity: "critical" }, "snitch"],
    [{ stack: "prod", alertname: "Watchdog" }, "snitch"],
  ];
  test.each(table)("%j: %s", (labels, receivers) => {
    const words = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    const path = written(everything);
    const { stdout } = amtool("config", "routes", "test", `--config.file=${path}`, ...words);
    expect(stdout.trim()).toBe(receivers);
  });

  test("everyone but the dead man's receiver, if the config does not say", () => {
    const path = written({ receivers: everything.receivers, deadMan: "snitch" });
    const to = (severity: string) =>
      amtool("config", "routes", "test", `--config.file=${path}`, `severity=${severity}`, "alertname=x").stdout.trim();
    expect([to("critical"), to("warning"), to("info")]).toEqual(["team,oncall,mail", "team,oncall,mail", "none"]);
  });
});

test("names that applications choose neither mention anybody in Slack nor begin lines of their own", () => {
  const { receivers: all } = parse(readFileSync(written(everything), "utf8")) as {
    receivers: readonly { slack_configs?: readonly { text: string }[] }[];
  };
  const text = all.flatMap(({ slack_configs = [] }) => slack_configs)[0]?.text ?? "";
  const summary = "Sequence <!channel>\n[RESOLVED] all well <https://evil.example|R&D> in app comes to its end.";
  const data = join(folder, "data.json");
  const annotations = { summary, runbook_url: "docs/runbooks/SequenceExhaustion.md" };
  const alert = { status: "firing", labels: {}, annotations };
  writeFileSync(data, JSON.stringify({ status: "firing", alerts: [alert], commonLabels: {}, commonAnnotations: {} }));
  const { stdout } = amtool("template", "render", "--template.glob=/dev/null", `--template.text=${text}`, `--template.data=${data}`); // prettier-ignore
  expect(stdout.trim().split("\n")).toEqual([
    "Sequence &lt;!channel&gt; [RESOLVED] all well &lt;https://evil.example|R&amp;D&gt; in app comes to its end.",
    "docs/runbooks/SequenceExhaustion.md",
  ]);
});
