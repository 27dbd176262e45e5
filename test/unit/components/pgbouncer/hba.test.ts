import fc from "fast-check";
import { hbaFile } from "../../../../components/pgbouncer/hba";

const rules = (text: string): string[] => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

test("applications come by TLS with SCRAM from where they may, with the reason next to it", () => {
  const file = hbaFile([{ cidr: "10.0.0.0/16", reason: "the office" }]);
  expect(file).toContain("# the office\nhostssl all all 10.0.0.0/16 scram-sha-256\n");
});

test("the last lines refuse everything else", () => {
  expect(rules(hbaFile([])).slice(-3)).toEqual([
    "local all all reject",
    "host all all 0.0.0.0/0 reject",
    "host all all ::/0 reject",
  ]);
});

test("every login is by TLS and SCRAM", () => {
  const ip = fc.ipV4().map((address) => `${address}/32`);
  fc.assert(
    fc.property(fc.array(fc.record({ cidr: ip, reason: fc.string() })), (allow) => {
      for (const rule of rules(hbaFile(allow))) expect(rule).toMatch(/^hostssl .* scram-sha-256$|reject$/);
    }),
  );
});

test("users of PgBouncer itself are refused over TCP before anybody is let in", () => {
  const lines = rules(hbaFile([{ cidr: "0.0.0.0/0", reason: "all" }]));
  const firstOpen = lines.findIndex((line) => line.startsWith("hostssl"));
  expect(lines.slice(0, firstOpen)).toEqual([
    "host all pgbouncer 0.0.0.0/0 reject",
    "host all pgbouncer ::/0 reject",
    "host all howdah_pooler 0.0.0.0/0 reject",
    "host all howdah_pooler ::/0 reject",
  ]);
});

test("of the console, monitoring sees the statistics and no other login comes by TCP", () => {
  const ofConsole = rules(hbaFile([{ cidr: "::1/128", reason: "here" }])).filter((line) => / pgbouncer .* /.test(line));
  expect(ofConsole).toEqual(
    expect.arrayContaining([
      "hostssl pgbouncer howdah_monitoring ::1/128 scram-sha-256",
      "host pgbouncer all ::/0 reject",
    ]),
  );
});

test("monitoring enters no database, from wherever others may come", () => {
  const lines = rules(hbaFile([{ cidr: "0.0.0.0/0", reason: "all" }]));
  const refused = ["host all howdah_monitoring 0.0.0.0/0 reject", "host all howdah_monitoring ::/0 reject"];
  const applications = lines.indexOf("hostssl all all 0.0.0.0/0 scram-sha-256");
  for (const line of refused) {
    expect(lines.indexOf(line)).toBeGreaterThan(
      lines.indexOf("hostssl pgbouncer howdah_monitoring 0.0.0.0/0 scram-sha-256"),
    );
    expect(lines.indexOf(line)).toBeLessThan(applications);
  }
});

test("where only the statistics are read from admits no other client", () => {
  const lines = rules(hbaFile([], ["127.0.0.1/32"])).filter((line) => !line.endsWith(" reject"));
  expect(lines).toEqual(["hostssl pgbouncer howdah_monitoring 127.0.0.1/32 scram-sha-256"]);
});

test("the probe enters what it probes, from where clients come, and nothing else", () => {
  const allow = [{ cidr: "0.0.0.0/0", reason: "all" }];
  const lines = rules(hbaFile(allow, ["127.0.0.1/32"], ["app", "app_ro"]));
  expect(lines.filter((line) => line.includes(" howdah_probe "))).toEqual([
    "hostssl app,app_ro howdah_probe 0.0.0.0/0 scram-sha-256",
    "host all howdah_probe 0.0.0.0/0 reject",
    "host all howdah_probe ::/0 reject",
  ]);
  expect(lines.indexOf("host all howdah_probe ::/0 reject")).toBeLessThan(
    lines.indexOf("hostssl all all 0.0.0.0/0 scram-sha-256"),
  );
  const without = rules(hbaFile(allow)).filter((line) => line.includes(" howdah_probe "));
  expect(without).toEqual(["host all howdah_probe 0.0.0.0/0 reject", "host all howdah_probe ::/0 reject"]);
});

test("a reason with line breaks stays a comment", () => {
  const file = hbaFile([{ cidr: "10.0.0.0/8", reason: "office\nhost all all 0.0.0.0/0 trust" }]);
  expect(rules(file).some((rule) => rule.includes("trust"))).toBe(false);
  expect(file).toContain("# office host all all 0.0.0.0/0 trust\n");
});

test.each(["10.0.0.0", "10.0.0.0/33", "::1/129", "example.com/24", "10.0.0.0/8 trust", "10.0.0.0/8/8", "10.0.0.0/"])(
  "%j is no CIDR",
  (cidr) => {
    expect(() => hbaFile([{ cidr, reason: "x" }])).toThrow("is not a CIDR");
  },
);
