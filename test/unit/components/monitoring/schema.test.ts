import { inspect } from "node:util";
import { checkout } from "../../../../lib/paths";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { keysOfFile } from "../../../../stacks/config/keys";
import { parseSettings } from "../../../../stacks/config/settings";

const keys = (stack: string): Record<string, unknown> =>
  keysOfFile(readFileSync(join(checkout, `Pulumi.${stack}.yaml`), "utf8"));

const settings = (monitoring: unknown, stack = "local") => parseSettings({ ...keys(stack), monitoring });
const message = (monitoring: unknown, stack?: string): string => {
  try {
    settings(monitoring, stack);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("the config was accepted");
};

const withReceiver = (receiver: object, more: object = {}) => ({
  routing: { receivers: { oncall: receiver }, ...more },
});

describe("a secret of a receiver", () => {
  const secret = "https://hooks.example.com/very-secret";
  const { monitoring } = settings(withReceiver({ webhook: { url: secret } }));

  test("is in no message, log or JSON", () => {
    for (const shown of [
      JSON.stringify(monitoring),
      inspect(monitoring, { depth: 20 }),
      String(monitoring.routing.receivers["oncall"]?.webhook?.url),
    ])
      expect(shown).not.toContain("very-secret");
    expect(monitoring.routing.receivers["oncall"]?.webhook?.url.reveal()).toBe(secret);
  });

  test.each([
    ["of another kind", { webhook: { url: "ftp://very-secret" } }],
    ["over plain HTTP", { webhook: { url: "http://example.com/very-secret" } }],
    ["with a password", { slack: { url: "https://user:very-secret@example.com" } }],
    ["too short", { pagerduty: { routingKey: "very-secret" } }],
    ["with a space", { webhook: { url: secret, token: "very-secret x" } }],
    ["with a line break", { webhook: { url: `${secret}\nvery-secret` } }],
  ])("%s is refused without being shown", (_what, receiver) => {
    const text = message(withReceiver(receiver));
    expect(text).not.toContain("very-secret");
    expect(text).toMatch(/howdah:monitoring\.routing\.receivers\.oncall\.\w+\.\w+: found a hidden value; allowed: /);
  });

  test("may be for this machine over plain HTTP", () => {
    expect(() => settings(withReceiver({ webhook: { url: "http://127.0.0.1:9000/hook" } }))).not.toThrow();
  });
});

describe("receivers", () => {
  test.each([
    ["critical", { critical: ["team"] }, "critical[0]"],
    ["deadMan", { deadMan: "team" }, "deadMan"],
  ])("that %s names have to be there", (_key, more, path) => {
    expect(message(withReceiver({ pagerduty: { routingKey: "0".repeat(32) } }, more))).toContain(
      `howdah:monitoring.routing.${path}: found "team", which is no receiver; allowed: oncall, the names in howdah:monitoring.routing.receivers`,
    );
  });

  test("notify someone", () => {
    expect(message(withReceiver({}))).toContain("at least one of slack, pagerduty, email and webhook");
  });

  test("have another name than the one that notifies no one", () => {
    expect(message({ routing: { receivers: { none: {} } } })).toContain('not "none"');
  });

  test.each(["smtp.example.com", "smtp.example.com:0", "smtp.example.com:70000", "[x]:25", "a b:25"])(
    "refuse the smarthost %s",
    (smarthost) => {
      const email = { to: ["a@example.com"], from: "b@example.com", smarthost };
      expect(message(withReceiver({ email }))).toContain("smtp.example.com:587");
    },
  );
});

test("a time zone has to exist", () => {
  const quiet = (timeZone: string) => ({ routing: { quietHours: [{ from: "22:00", to: "07:00", timeZone }] } });
  expect(message(quiet("Europe/Nowhere"))).toContain('a time zone such as "Europe/Berlin"');
  expect(() => settings(quiet("Europe/Berlin"))).not.toThrow();
});

test("only a platform that runs Prometheus can be asked for it", () => {
  expect(message({ enabled: true }, "staging")).toContain(
    "howdah:monitoring.enabled: found true; platform aws runs no Prometheus",
  );
  expect(() => settings({ enabled: false }, "staging")).not.toThrow();
  expect(() => settings({ enabled: true })).not.toThrow();
});
