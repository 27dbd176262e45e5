import type { Rule } from "../../../../lib/values";
import type { AwsSettings } from "../schema/schema";

interface Sections {
  readonly aws: AwsSettings;
}

/** Lists whose entries become resources, or parts of one, of which AWS takes each once. */
const lists: readonly {
  readonly path: readonly string[];
  readonly entries: (aws: AwsSettings) => readonly string[];
}[] = [
  { path: ["network", "subnetIds"], entries: ({ network }) => ("vpcId" in network ? network.subnetIds : []) },
  {
    path: ["network", "peer", "routeTableIds"],
    entries: ({ network }) => ("cidr" in network ? (network.peer?.routeTableIds ?? []) : []),
  },
  {
    path: ["clientSecurityGroups"],
    entries: ({ clientSecurityGroups }) => clientSecurityGroups.map(({ securityGroupId }) => securityGroupId),
  },
  { path: ["keyAdministrators"], entries: ({ keyAdministrators }) => keyAdministrators },
];

const repeated = (entries: readonly string[]): string[] => [
  ...new Set(entries.filter((entry, index) => entries.indexOf(entry) !== index)),
];

const listed = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");

const listRules = lists.map(({ path, entries }): Rule<Sections> => ({
  path: () => ["aws", ...path],
  holds: ({ aws }) => repeated(entries(aws)).length === 0,
  message: ({ aws }) => `found ${listed(repeated(entries(aws)))} more than once; name each once`,
}));

/** The one that the program itself adds; see `adapter.ts`. */
const ownTag = "howdah:stack";

/** Tags of a resource at most: AWS General Reference, "Tag naming limits and requirements". */
const mostTags = 50;

const sameButForCase = (keys: readonly string[]): string[] =>
  keys.filter((key, index) => keys.some((other, at) => at !== index && other.toLowerCase() === key.toLowerCase()));

const tagRules: readonly Rule<Sections>[] = [
  {
    path: () => ["aws", "tags"],
    holds: ({ aws }) => Object.keys(aws.tags).length < mostTags,
    message: ({ aws }) =>
      `found ${Object.keys(aws.tags).length} tags; allowed: at most ${mostTags - 1}, because AWS allows ${mostTags} and ${ownTag} is one of them`,
  },
  {
    path: () => ["aws", "tags", ownTag],
    holds: ({ aws }) => !Object.keys(aws.tags).some((key) => key.toLowerCase() === ownTag),
    message: () => "found a tag that the program itself sets, to the stack's name; remove it",
  },
  {
    path: () => ["aws", "tags"],
    holds: ({ aws }) => sameButForCase(Object.keys(aws.tags)).length === 0,
    message: ({ aws }) =>
      `found ${listed(sameButForCase(Object.keys(aws.tags)))}, which IAM treats as the same key; allowed: keys that differ in more than case`,
  },
];

/** Lists with an entry twice, and tags that AWS would refuse. */
export const awsListRules: readonly Rule<Sections>[] = [...listRules, ...tagRules];
