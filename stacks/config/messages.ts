import { z } from "zod";
import { isSecretText } from "../../lib/secret";
import { nearest, type Problem } from "../../lib/values";
import { childKeys, schemaAt } from "./schema-walk";

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

const secretName = /pass(word|phrase|wd)?|secret|token|credential|private|salt|api_?key|access_?key/i;

function valueAt(raw: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined),
    raw,
  );
}

/** The value as a reader may see it: no secret, nothing under a key that looks secret, no password of a URL, no inside of a mapping. */
function shown(raw: unknown, path: Path, leaf: unknown): string {
  const value = valueAt(raw, path);
  if (isSecretText(leaf) || path.some((part) => secretName.test(String(part)))) return "a hidden value";
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const text = JSON.stringify(value).replace(/:\/\/[^@"]*@/g, "://…@");
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

const kinds: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "a string",
  boolean: "true or false",
  object: "a mapping",
  record: "a mapping",
  array: "a list",
};

/** The whole range of a number, whichever end of it was missed. */
function range(leaf: z.ZodNumber): string {
  const kind = leaf.format === "safeint" ? "a whole number" : "a number";
  return `${kind} from ${leaf.minValue ?? "any"} to ${leaf.maxValue ?? "any"}`;
}

function bound(issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall): string {
  const [word, limit] = issue.code === "too_big" ? ["at most", issue.maximum] : ["at least", issue.minimum];
  const units: Readonly<Record<string, string>> = { string: " characters", array: " entries" };
  return `${word} ${limit.toString()}${units[issue.origin] ?? ""}`;
}

/** What is allowed, in words. Messages of our own schemas say it already. */
function allowed(issue: Issue, leaf: unknown): string {
  if (leaf instanceof z.ZodNumber) return range(leaf);
  switch (issue.code) {
    case "invalid_type":
      return issue.message.startsWith("Invalid input") ? (kinds[issue.expected] ?? issue.expected) : issue.message;
    case "too_big":
    case "too_small":
      return bound(issue);
    case "invalid_value":
      return issue.values.map((value) => JSON.stringify(value)).join(", ");
    case "invalid_key":
      return issue.issues.map((inner) => inner.message).join("; ");
    default:
      return issue.message;
  }
}

function unknownKeys(keys: readonly string[], path: Path, known: readonly string[]): Problem[] {
  return keys.map((key) => {
    const guess = nearest(key, known);
    const hint = guess === undefined ? "" : ` (did you mean ${JSON.stringify(guess)}?)`;
    return { path: [...path, key], message: `unknown key${hint}; allowed: ${known.join(", ")}` };
  });
}

/**
 * zod's issues as problems, each with the value found and what is allowed.
 * @param schema the schema that found them, for the keys that are known at each level
 * @param raw the value that was parsed
 * @param issues what zod found
 */
export function issueProblems(schema: z.ZodType, raw: unknown, issues: readonly Issue[]): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
    if (issue.code === "unrecognized_keys") return unknownKeys(issue.keys, path, childKeys(schema, path));
    if (issue.code === "invalid_key")
      return [{ path, message: `the name is not allowed; allowed: ${allowed(issue, undefined)}` }];
    const leaf = schemaAt(schema, path);
    return [{ path, message: `found ${shown(raw, path, leaf)}; allowed: ${allowed(issue, leaf)}` }];
  });
}
