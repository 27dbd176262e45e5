import { checkout } from "../../../../lib/paths";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import { parseSettings } from "../../../../stacks/config/settings";
import { ConfigError } from "../../../../stacks/config/error";
import { hasControl } from "../../../../lib/text/printable";

type Path = readonly (string | number)[];

const fileOf = (stack: string): Record<string, unknown> => {
  const text = readFileSync(join(checkout, `Pulumi.${stack}.yaml`), "utf8");
  const { config } = parse(text) as { config: Record<string, unknown> };
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace("howdah:", ""), value]));
};

const isNested = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Every text of a config, by its path. */
function texts(value: unknown, path: Path = []): [Path, string][] {
  if (typeof value === "string") return [[path, value]];
  return isNested(value)
    ? Object.entries(value).flatMap(([key, item]) => texts(item, [...path, Array.isArray(value) ? Number(key) : key]))
    : [];
}

/** The config with another text at a path. */
function withText(value: unknown, [head, ...rest]: Path, text: string): unknown {
  if (head === undefined) return text;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (index === head ? withText(item, rest, text) : item));
  return { ...(value as object), [head]: withText((value as Record<string, unknown>)[head], rest, text) };
}

/** What the files of this repository leave out. */
const more = {
  backup: {
    tiers: { daily: { schedule: "0 1 * * 1-6", kept: "7 days" } },
    drill: { schedule: "0 5 * * *" },
    logical: {
      destination: {
        s3: {
          bucket: "dumps",
          prefix: "team/db",
          region: "eu-central-1",
          endpoint: "https://s3.example.com",
          credentialsFile: "/etc/howdah/s3",
        },
      },
    },
    notify: { urlFile: "/etc/howdah/webhook" },
  },
};
const samples: Record<string, Record<string, unknown>> = {
  local: fileOf("local"),
  staging: fileOf("staging"),
  prod: fileOf("prod"),
  "local with more": { ...fileOf("local"), ...more },
};

const outcome = (config: unknown): unknown => {
  try {
    return parseSettings(config);
  } catch (error) {
    return error;
  }
};

describe.each(Object.entries(samples))("a control character in the config of %s", (_name, sample) => {
  const places = texts(sample);
  const clean = outcome(sample);
  test("control: without one it parses", () => {
    expect(() => parseSettings(sample)).not.toThrow();
    expect(places.length).toBeGreaterThan(10);
  });

  test("is refused in every text, and the message has none, or it does not get any further", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.constantFrom("\n", "\r", "\t", "\0", "\u001b", "\u007f", "\u009b", "\u2028", "\u202e"),
        fc.double({ min: 0, max: 1, noNaN: true }),
        ([path, text], character, where) => {
          const at = Math.round(where * text.length);
          const config = withText(sample, path, `${text.slice(0, at)}${character}${text.slice(at)}`);
          const found = outcome(config);
          if (found instanceof ConfigError) expect(found.message.split("\n").some(hasControl)).toBe(false);
          // A blank at an end that the schema takes off.
          else expect(found).toEqual(clean);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test.each(["name\nof two lines", "esc\u001b[2J"])("a key that holds %j is refused by a message in one line", (key) => {
  const config = { ...samples["local"], postgres: { version: 15, parameters: { [key]: "on" } } };
  const found = outcome(config);
  expect(found).toBeInstanceOf(ConfigError);
  expect((found as ConfigError).message.split("\n").some(hasControl)).toBe(false);
});
