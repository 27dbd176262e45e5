/** What a config makes in one database. */
export interface Made {
  readonly schemas: readonly string[];
  readonly logins: readonly string[];
  /** Absent in a record of an older version. */
  readonly extensions?: readonly string[];
  /** The database, its schemas and its extensions may go with what is in them. */
  readonly removable: boolean;
}

/** What leaves a config. */
export interface Departures {
  /** `going`: all of them; `kept`: those that may not go with what is in them, as the config does not say so. */
  readonly databases: { readonly going: readonly string[]; readonly kept: readonly string[] };
  /** Schemas of databases that stay, with these, as far as they may not go with what is in them. */
  readonly schemas: readonly (readonly [database: string, schema: string])[];
  /** Extensions of databases that stay, likewise. */
  readonly extensions: readonly (readonly [database: string, extension: string])[];
  readonly logins: readonly string[];
}

/** Something that leaves, with descriptions of what it holds as PostgreSQL words them. */
export interface Held {
  readonly what: string;
  readonly holds: readonly string[];
}

type AllMade = Readonly<Record<string, Made>>;

const extensionsOf = ({ extensions = [] }: Made): readonly string[] => extensions;

const loginsOf = (made: AllMade): string[] => Object.values(made).flatMap(({ logins }) => logins);

/**
 * What leaves between two configs. The former one says what is removable: the word has to be given one `up` ahead, since
 * resources are deleted by what was recorded of them.
 */
export function departures(before: AllMade, after: AllMade): Departures {
  const going = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  const firm = Object.entries(before).filter(([, { removable }]) => !removable);
  const leaving = (partsOf: (made: Made) => readonly string[]) =>
    firm.flatMap(([name, made]) => {
      const now = Object.hasOwn(after, name) ? after[name] : undefined;
      const has = now === undefined ? undefined : partsOf(now);
      return has === undefined
        ? []
        : partsOf(made)
            .filter((one) => !has.includes(one))
            .map((one) => [name, one] as const);
    });
  const stays = new Set(loginsOf(after));
  return {
    databases: { going, kept: going.filter((name) => firm.some(([one]) => one === name)) },
    schemas: leaving(({ schemas }) => schemas),
    extensions: leaving(extensionsOf),
    logins: loginsOf(before).filter((login) => !stays.has(login)),
  };
}

const union = (some: readonly string[], more: readonly string[] = []): string[] => [...new Set([...some, ...more])];

/**
 * What is on record once a config has been admitted: what it makes, and what earlier ones made, since that is dropped at the end
 * of an `up`, and not at all by one that fails. A login that another database has now is recorded there alone.
 */
export function joined(before: AllMade, after: AllMade): Record<string, Made> {
  const stays = new Set(loginsOf(after));
  const earlier = Object.entries(before).map(([name, made]): [string, Made] => {
    const { schemas, logins } = made;
    const left = logins.filter((login) => !stays.has(login));
    const now = Object.hasOwn(after, name) ? after[name] : undefined;
    if (now === undefined) return [name, { ...made, logins: left }];
    const extensions = union(extensionsOf(now), extensionsOf(made));
    return [name, { ...now, schemas: union(now.schemas, schemas), logins: union(now.logins, left), extensions }];
  });
  return { ...after, ...Object.fromEntries(earlier) };
}

/** What a server has. */
export interface Found {
  readonly databases: readonly string[];
  /** By database. */
  readonly schemas: ReadonlyMap<string, readonly string[]>;
  /** By database. */
  readonly extensions: ReadonlyMap<string, readonly string[]>;
  readonly logins: readonly string[];
}

/** Databases of a config in which schemas or extensions are on record that it no longer has. */
export const withFormerParts = (record: AllMade, config: AllMade): string[] =>
  Object.entries(config)
    .filter(([name, made]) => {
      const had = Object.hasOwn(record, name) ? record[name] : undefined;
      const isFormer = (partsOf: (one: Made) => readonly string[]): boolean =>
        had !== undefined && partsOf(had).some((one) => !partsOf(made).includes(one));
      return isFormer(({ schemas }) => schemas) || isFormer(extensionsOf);
    })
    .map(([name]) => name);

/** A record without what the config no longer has and the server does not have either. */
export function remaining(record: AllMade, config: AllMade, found: Found): Record<string, Made> {
  const kept = Object.entries(record).map(([name, made]): [string, Made] => {
    const now = Object.hasOwn(config, name) ? config[name] : undefined;
    const logins = made.logins.filter((one) => now?.logins.includes(one) === true || found.logins.includes(one));
    const there = now === undefined ? made.schemas : union(now.schemas, found.schemas.get(name));
    const inUse = now === undefined ? extensionsOf(made) : union(extensionsOf(now), found.extensions.get(name));
    const extensions = extensionsOf(made).filter((one) => inUse.includes(one));
    return [name, { ...made, schemas: made.schemas.filter((one) => there.includes(one)), logins, extensions }];
  });
  // A login of a database that is gone may still be there; it is on record until it is gone as well.
  const holds = ([name, { logins }]: [string, Made]): boolean =>
    Object.hasOwn(config, name) || found.databases.includes(name) || logins.length > 0;
  return Object.fromEntries(kept.filter(holds));
}

/** True if nothing leaves that may hold anything. */
export const isNone = ({ databases, schemas, extensions, logins }: Departures): boolean =>
  databases.kept.length + schemas.length + extensions.length + logins.length === 0;

/** Objects that an error names; the others are counted. */
const named = 5;

function holdings({ what, holds }: Held): string {
  const more = holds.length - named;
  return `  ${what}: ${holds.slice(0, named).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

const advice =
  "Nothing was changed. Put it back into the config; or, to drop a database, schema or extension with its content, set `removable: true`\n" +
  "for the database, run `up`, then remove it. If objects depend on a login, hand them over first, in the named database:\n" +
  "REASSIGN OWNED BY login TO group, DROP OWNED BY login.";

/** Sentences for a refusal. */
export const describe = {
  names: ({ databases, schemas, extensions, logins }: Departures): string =>
    [
      ...databases.kept.map((name) => `database "${name}"`),
      ...schemas.map(([database, name]) => `schema "${name}" of database "${database}"`),
      ...extensions.map(([database, name]) => `extension "${name}" of database "${database}"`),
      ...logins.map((name) => `login "${name}"`),
    ].join(", "),

  refusal: (held: readonly Held[]): string =>
    ["howdah:databases: what leaves the config is not empty", ...held.map(holdings), advice].join("\n"),
};
