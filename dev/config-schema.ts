import { checkout } from "../lib/paths";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { settingsSchema } from "../stacks/config/settings";

/** Where editors find the schema; named in the first line of each `Pulumi.<stack>.yaml`. */
export const schemaFile = join(checkout, "docs", "config.schema.json");

/** Keys that Pulumi itself writes next to `config`. */
const engineKeys = {
  secretsprovider: { type: "string", description: "Pulumi: what encrypts the secrets." },
  encryptionsalt: { type: "string", description: "Pulumi: salt of the passphrase." },
  encryptedkey: { type: "string", description: "Pulumi: data key, encrypted by the secrets provider." },
  environment: { description: "Pulumi: environments to import." },
};

/** JSON schema of a whole `Pulumi.<stack>.yaml`; the keys of other namespaces are left to their owners. */
export function configSchema(): Record<string, unknown> {
  const { $schema, properties = {}, required = [] } = z.toJSONSchema(settingsSchema, { io: "input" });
  return {
    $schema,
    title: "howdah: Pulumi.<stack>.yaml",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries(Object.entries(properties).map(([key, schema]) => [`howdah:${key}`, schema])),
        patternProperties: { "^(?!howdah:)": {} },
        required: required.map((key) => `howdah:${key}`),
        additionalProperties: false,
      },
      ...engineKeys,
    },
    required: ["config"],
    additionalProperties: false,
  };
}

async function main(): Promise<void> {
  const prettier = await import("prettier");
  const text = await prettier.format(JSON.stringify(configSchema()), { parser: "json", printWidth: 120 });
  await writeFile(schemaFile, text);
}

if (require.main === module) void main();
