/** Operator → key → values; all have to hold. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** One statement of an IAM policy. */
export interface Statement {
  /** Letters and digits. */
  readonly sid?: string;
  /** Default: `Allow`. */
  readonly effect?: "Allow" | "Deny";
  /** In trust and resource policies only. */
  readonly principals?: "*" | Readonly<Partial<Record<"AWS" | "Federated" | "Service", string | readonly string[]>>>;
  readonly actions: readonly string[];
  /** In all but trust policies. */
  readonly resources?: readonly string[];
  readonly conditions?: Conditions;
}

/** A list of one is written as its one value, as AWS does in what it gives back. */
function sorted(values: readonly string[]): string | string[] {
  const [first = "", ...rest] = [...new Set(values)].sort();
  return rest.length === 0 ? first : [first, ...rest];
}

/** As IAM writes it. */
const written = ({ sid, effect = "Allow", principals, actions, resources, conditions }: Statement): object => ({
  ...(sid === undefined ? {} : { Sid: sid }),
  Effect: effect,
  ...(principals === undefined ? {} : { Principal: principals }),
  Action: sorted(actions),
  ...(resources === undefined ? {} : { Resource: sorted(resources) }),
  ...(conditions === undefined ? {} : { Condition: conditions }),
});

/** JSON of a policy. Order has no meaning in it, so everything is sorted: code that moves shows no difference. */
export const policyDocument = (statements: readonly Statement[]): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: statements
      .map((statement) => ({ statement: written(statement), key: JSON.stringify(written(statement)) }))
      .sort((left, right) => (left.key < right.key ? -1 : 1))
      .map(({ statement }) => statement),
  });

/**
 * Trust policy of a role that a service of AWS assumes, on behalf of this account alone (no confused deputy).
 * @param service principal, such as `"backup.amazonaws.com"`
 * @param account twelve digits
 */
export const serviceTrust = (service: string, account: string): string =>
  policyDocument([
    {
      principals: { Service: service },
      actions: ["sts:AssumeRole"],
      conditions: { StringEquals: { "aws:SourceAccount": account } },
    },
  ]);

/**
 * Denies every request without TLS.
 * @param actions all of a service, such as `["s3:*"]`
 */
export const tlsOnly = (actions: readonly string[], resources: readonly string[]): Statement => ({
  sid: "TlsOnly",
  effect: "Deny",
  principals: "*",
  actions,
  resources,
  conditions: { Bool: { "aws:SecureTransport": "false" } },
});
