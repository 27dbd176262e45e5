import { absentFromDumps } from "../../../components/postgres/extensions/catalogue";
import { howdahSchemas } from "../take/dump";
import type { Extension } from "../store/manifest";

/**
 * Made again by the drill, in pg_catalog: in a schema of an owner's, its functions could be overloaded with his, and the
 * check would call those.
 */
export const structureCheck = "amcheck";

/** Extensions that a confined restore does not make: the check's, and those whose libraries are not loaded there, or would act there. */
const notMade: readonly string[] = [structureCheck, ...absentFromDumps];

/** Those that it makes. */
export const madeByRestore = (extensions: readonly Extension[]): Extension[] =>
  extensions.filter(({ name }) => !notMade.includes(name));

/** Words of `pg_restore` for a login that is not a superuser. */
export const confinedFlags = [
  "--no-owner",
  "--no-tablespaces",
  "--no-security-labels",
  "--no-publications",
  "--no-subscriptions",
] as const;

/** What the program makes in a database, it makes again. With these words, `pg_restore` restores no grant without its object. */
export const withoutHouse = howdahSchemas.map((schema) => `--exclude-schema=${schema}`);

/** A line of `pg_restore --list`: its kind, and the rest: schema, name and owner, which may each hold spaces. */
interface Entry {
  readonly kind: string;
  readonly rest: string;
}

const kinds = [
  "SCHEMA",
  "EXTENSION",
  "EVENT TRIGGER",
  "PUBLICATION TABLES IN SCHEMA",
  "PUBLICATION TABLE",
  "PUBLICATION",
  "SUBSCRIPTION",
  "SECURITY LABEL",
  "DEFAULT ACL",
  "ACL",
  "COMMENT",
  "DATABASE",
] as const;
const pattern = new RegExp(`^\\d+; \\d+ \\d+ (${kinds.join("|")}) (.*)$`);

function entryOf(line: string): Entry | undefined {
  const [, kind, rest] = pattern.exec(line) ?? [];
  return kind === undefined || rest === undefined ? undefined : { kind, rest };
}

/** The name of what has no schema; the last word is the owner, and an extension's is empty. */
const nameIn = (rest: string): string => rest.slice(2, rest.lastIndexOf(" "));

const isHowdahSession = (text: string): boolean =>
  howdahSchemas.some((schema) => text === schema || text === `SCHEMA ${schema}`);

/** Comments on what the login does not own. */
const foreignComment = /^(EXTENSION|EVENT TRIGGER|PUBLICATION|SUBSCRIPTION|DATABASE) /;

/** `pg_restore` itself leaves out what `confinedFlags` says, and restores grants with the lines that name them. */
const isGrant = ({ kind }: Entry): boolean => kind === "ACL" || kind === "DEFAULT ACL";

/**
 * What is left of a table of contents without schemas that extensions have brought, without grants, and without what is a
 * superuser's alone: event triggers, which act on the sessions of all.
 * @param list of `pg_restore --list`
 */
export function confinedEntries(list: string, extensions: readonly Extension[]): string {
  const made = new Set(madeByRestore(extensions).map(({ schema }) => schema));
  const isWanted = (line: string): boolean => {
    const entry = entryOf(line);
    if (entry === undefined) return true;
    const { kind, rest } = entry;
    const name = nameIn(rest);
    if (isGrant(entry) || kind === "EVENT TRIGGER") return false;
    if (kind === "SCHEMA") return !made.has(name) && !isHowdahSession(name);
    if (kind === "EXTENSION") return !notMade.includes(name);
    if (kind === "COMMENT") return !(rest.startsWith("- ") && (foreignComment.test(name) || isHowdahSession(name)));
    return true;
  };
  return list.split("\n").filter(isWanted).join("\n");
}

const foreignSchemas: readonly string[] = ["pg_catalog", "information_schema", ...howdahSchemas];

/** Grants on what the archive itself makes: not on the database, nor on what is the server's or the program's. */
export function grantEntries(list: string): string {
  const isWanted = (line: string): boolean => {
    const { kind, rest = "" } = entryOf(line) ?? {};
    if (kind !== "ACL" || foreignSchemas.some((schema) => rest.startsWith(`${schema} `))) return false;
    const name = nameIn(rest);
    return !(rest.startsWith("- ") && (isHowdahSession(name) || /^(DATABASE|LANGUAGE) /.test(name)));
  };
  return list.split("\n").filter(isWanted).join("\n");
}

const told = ["EVENT TRIGGER", "PUBLICATION", "SUBSCRIPTION", "SECURITY LABEL"];

/** What a confined restore leaves out, for a reader: `EVENT TRIGGER watch`. */
export function leftOut(list: string): string[] {
  return list.split("\n").flatMap((line) => {
    const entry = entryOf(line);
    return entry !== undefined && told.includes(entry.kind) ? [`${entry.kind} ${nameIn(entry.rest)}`] : [];
  });
}

/** Roles other than the database's owner that the entries belong to; a name with a space is cut. */
export function otherOwners(list: string, owner: string): string[] {
  const own = list
    .split("\n")
    .filter((line) => /^\d+; /.test(line) && !line.endsWith(` ${owner}`))
    .filter((line) => entryOf(line) === undefined || entryOf(line)?.kind === "SCHEMA")
    .filter((line) => !howdahSchemas.some((schema) => line.includes(` ${schema} `)))
    .map((line) => line.slice(line.lastIndexOf(" ") + 1));
  return [...new Set(own)].filter((name) => name !== "" && name !== "pg_database_owner").sort();
}
