import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kinds, type Kind, lines } from "../../cli/connect/lines";
import type { Target } from "../../cli/connect/target";
import { clientSettings } from "../../components/pgbouncer/client-settings";
import type { ClientSettings } from "../../contracts/client-settings";
import { readText } from "../../lib/files";
import { checkout } from "../../lib/paths";
import { settingsIn } from "../../stacks/config/settings";
import { type Results, resultsFile } from "./results";
import { resultsTable } from "./table";

/** What each driver saw, and its lines. */
export const driversFile = join(checkout, "docs", "drivers.md");

const application = "app";

/** What the default config gives it. */
function exampleSettings(): ClientSettings {
  const { databases, ...settings } = settingsIn(readFileSync(join(checkout, "Pulumi.local.yaml"), "utf8"));
  const database = databases["app"];
  const own = database?.applications[application];
  if (database === undefined || own === undefined)
    throw new Error(`Pulumi.local.yaml has no application ${application}`);
  return clientSettings(application, own, { ...settings, database });
}

/** An application of the default config. */
export const example: Target = {
  application,
  url: "postgresql://app:PASSWORD@127.0.0.1:6432/app?sslmode=verify-full&sslrootcert=%2Fvar%2Flib%2Fhowdah%2Flocal%2Ftls%2Fca.crt",
  serviceFile: "/var/lib/howdah/.stacks/local.pg_service.conf",
  service: application,
  settings: exampleSettings(),
};

const languages: Readonly<Record<Kind, string>> = {
  psql: "sh",
  env: "sh",
  node: "js",
  sqlalchemy: "python",
  prisma: "ts",
  jdbc: "java",
  pgx: "go",
  sqlx: "rust",
  django: "python",
};

/** The lines of every kind for the example. */
export const linesText = (): string =>
  kinds.map((kind) => `### ${kind}\n\n\`\`\`${languages[kind]}\n${lines[kind](example)}\n\`\`\``).join("\n\n");

const marks = {
  results: { start: "<!-- results: written by `npm run drivers` -->", end: "<!-- end of the results -->" },
  lines: { start: "<!-- lines: written by `npm run drivers` -->", end: "<!-- end of the lines -->" },
} as const;

function replaced(text: string, part: keyof typeof marks, content: string): string {
  const { start, end } = marks[part];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/drivers.md lacks the marks ${start} and ${end}`);
  return `${text.slice(0, from + start.length)}\n${content}\n${text.slice(to)}`;
}

/** docs/drivers.md as it has to be. @param results default: the table stays as it is @throws if it has lost its marks */
export function driversText(text: string, results?: Results): string {
  const withLines = replaced(text, "lines", linesText());
  return results === undefined ? withLines : replaced(withLines, "results", resultsTable(results));
}

if (require.main === module) {
  const found = readText(resultsFile);
  const results = found === undefined ? undefined : (JSON.parse(found) as Results);
  writeFileSync(driversFile, driversText(readFileSync(driversFile, "utf8"), results));
  if (results === undefined)
    process.stdout.write(
      "only the lines: `npx jest --selectProjects e2e --testPathPatterns drivers` makes the results\n",
    );
}
