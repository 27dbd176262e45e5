import { sha256 } from "../../../lib/text/hash";

/** What a service takes as a name. */
interface NameLimits {
  /** One character that it refuses. */
  readonly refused: RegExp;
  /** What takes its place. */
  readonly filler: string;
  /** Characters at most. */
  readonly longest: number;
}

/** The text itself if the service takes it, otherwise what is left of it and a hash: two texts never become one name. */
function fitted(text: string, { refused, filler, longest }: NameLimits): string {
  const plain = text.replaceAll(new RegExp(refused, "g"), filler);
  if (plain === text && text.length <= longest) return text;
  const hash = sha256(text).slice(0, 8);
  return `${plain.slice(0, longest - hash.length - 1)}${filler}${hash}`;
}

/** A name of AWS Backup: letters, digits and underscores, 50 at most (RestoreTestingPlanForCreate). */
export const backupName = (stack: string): string =>
  fitted(`howdah_${stack.replaceAll("-", "_")}`, { refused: /[^A-Za-z0-9_]/, filler: "_", longest: 50 });

/** Alias of a key of a stack: letters, digits and `/_-`, 256 at most (CreateAlias). */
export const keyAlias = (stack: string, purpose: string): string =>
  `alias/howdah/${fitted(stack, { refused: /[^A-Za-z0-9_-]/, filler: "-", longest: 100 })}/${purpose}`;

/** Longest identifier in config: what is put behind it, such as `-replica15`, has to fit into the 63 characters of RDS. */
export const longestIdentifier = 40;

/** What RDS takes as an identifier: lower-case letters, digits and single hyphens, a letter first (CreateDBInstance). */
export const identifierPattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Begins the names of a stack's servers. */
export const identifierOf = (stack: string, settings: { readonly identifier?: string | undefined }): string =>
  settings.identifier ?? `howdah-${stack}`;

/** An identifier that RDS takes, near to the text. */
function nearestIdentifier(text: string): string {
  const words = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, longestIdentifier);
  return words.replaceAll(/^-|-$/g, "");
}

/** What is wrong with the identifier that follows from the stack's name; undefined if it will do, or config names one. */
export function identifierProblem(
  stack: string,
  settings: { readonly identifier?: string | undefined },
): string | undefined {
  const identifier = identifierOf(stack, settings);
  if (identifierPattern.test(identifier) && identifier.length <= longestIdentifier) return undefined;
  return `found nothing, and the default "${identifier}" is not a valid RDS identifier; allowed: at most ${longestIdentifier} lower-case letters, digits and single hyphens, such as "${nearestIdentifier(identifier)}"`;
}
