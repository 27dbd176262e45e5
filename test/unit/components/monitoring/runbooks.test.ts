import { readFileSync } from "node:fs";
import { join } from "node:path";
import { areas } from "../../../../components/monitoring/catalogue";
import { runbookProblems } from "../../../support/monitoring/runbook-problems";
import {
  blocksOf,
  brokenLinks,
  distinctBlocks,
  isRun,
  readRunbooks,
  runbookFolder,
} from "../../../support/monitoring/runbooks";

const runbooks = readRunbooks();
const readme = readFileSync(join(runbookFolder, "README.md"), "utf8");

test("every alert has a runbook, and every runbook an alert", () => {
  const alerts = Object.values(areas).flatMap((area) => Object.keys(area));
  expect([...runbooks.keys()]).toEqual(alerts.sort());
});

test("the index has the alerts of every area", () => {
  const rows = Object.entries(areas).map(
    ([area, alerts]) =>
      `| ${area} | ${Object.keys(alerts)
        .map((name) => `[${name}](${name}.md)`)
        .join(", ")} |`,
  );
  expect(readme.slice(readme.indexOf("|---|---|\n", readme.indexOf("## Index"))).trim()).toBe(
    ["|---|---|", ...rows].join("\n"),
  );
  expect(brokenLinks(readme)).toEqual([]);
});

test.each([...runbooks])("%s has its parts, and names only what there is", (name, runbook) => {
  expect(runbookProblems(name, runbook)).toEqual([]);
});

test("four blocks of five are run by test/e2e/runbooks.test.ts", () => {
  const blocks = distinctBlocks(runbooks.values());
  expect(blocks.filter(isRun).length / blocks.length).toBeGreaterThanOrEqual(0.8);
});

describe("control: the check finds", () => {
  const fine = `# Fine

It means something.

## Impact
None, see [sessions.md](../sessions.md#limits).

## Look first
\`\`\`sql server=primary
SELECT 1;
\`\`\`

## Fix
- If so, restore, and look whether what you have restored is what you wanted, before you let anybody else use it, and before you write anything to it:
  \`howdah restore --into DIR\`.

  \`\`\`sh not-run="needs a pid"
  kill <pid>
  \`\`\`

## Prevent
\`howdah:pooler.poolWait\`, \`databases.<db>.applications.<app>.pool\`, \`howdah:postgres.parameters."pg_stat_statements.max"\`.
`;
  test("nothing in what is right, and both of its blocks", () => {
    expect(runbookProblems("Fine", fine)).toEqual([]);
    expect(blocksOf(fine)).toEqual([
      { language: "sql", attributes: { server: "primary" }, text: "SELECT 1;" },
      { language: "sh", attributes: { "not-run": "needs a pid" }, text: "kill <pid>" },
    ]);
  });

  test.each([
    ["a wrong title", "# Fine", "# Other", /title/],
    ["a part that is missing", "## Prevent", "Prevent:", /headings/],
    ["an empty part", "None, see [sessions.md](../sessions.md#limits).", "", /empty part/],
    ["another language", "```sql server=primary", "```bash", /"bash"/],
    ["SQL for no server", "```sql server=primary", "```sql", /names no server/],
    ["an attribute that is not known", "server=primary", "server=primary user=app", /user="app"/],
    ["no reason for a block that is not run", 'not-run="needs a pid"', 'not-run=""', /not-run/],
    ["a runbook of which nothing is run", "server=primary", 'server=primary not-run="no"', /no block/],
    ["a verb that is not there", "howdah restore", "howdah analyze", /no such verb/],
    ["an internal verb", "howdah restore", "howdah guard", /no such verb/],
    ["an option that is not there", "--into DIR", "--onto DIR", /--onto/],
    ["a setting that is not there", "howdah:pooler.poolWait", "howdah:pooler.wait", /pooler\.wait/],
    ["one of an application", "<app>.pool`", "<app>.size`", /size/],
    ["a parameter that is not allowed", '"pg_stat_statements.max"', "fsync", /fsync/],
    ["a link to a file that is not there", "../sessions.md#limits", "../session.md", /leads nowhere/],
    ["a link to a heading that is not there", "#limits", "#limit", /leads nowhere/],
    ["a line of a list item outside of it", "  `howdah restore", "`howdah restore", /indented by 0, not by 2/],
    ["one that is indented too far", "  `howdah restore", "    `howdah restore", /indented by 4, not by 2/],
    ["a paragraph directly after a list item", "DIR`.\n\n", "DIR`.\nThen wait.\n", /"Then wait\." is indented by 0/],
    [
      "a paragraph of which half is in a list item",
      "## Prevent",
      "Then\n  wait.\n\n## Prevent",
      /"wait\." is indented by 2/,
    ],
    ["a block that belongs to no list item", "```sql", "  ```sql", /"```" is indented by 2, not by 0/],
    ["a line that ends early", "means something", "means\nsomething", /"It means" ends early/],
    ["one of a list item", "If so, restore", "If so,\n  restore", /"- If so," ends early/],
  ])("%s", (...[, from, to, problem]) => {
    expect(fine).toContain(from);
    expect(runbookProblems("Fine", fine.replace(from, to))).toContainEqual(expect.stringMatching(problem));
  });
});
