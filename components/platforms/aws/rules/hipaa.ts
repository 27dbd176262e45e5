import type { Minimum } from "../../../compliance/rule";
import { prefixOf } from "../../../network/cidr";
import type { NetworkSettings } from "../../../network/schema";
import type { AwsSettings } from "../schema/schema";

interface Sections {
  readonly aws: AwsSettings;
  readonly network: NetworkSettings;
}

/** Six years, in days as CloudWatch Logs counts them: how long 45 CFR 164.316(b)(2)(i) has records kept. */
const sixYears = 2192;

/** Minimums of `howdah:compliance hipaa` that only AWS has. Keys, TLS, IAM logins and private addresses are no matter of config. */
export const awsHipaa: readonly Minimum<Sections>[] = [
  {
    name: "hipaa-log-retention",
    source: "45 CFR 164.312(b) and 164.316(b)(2)(i)",
    path: ["aws", "monitoring", "logRetentionDays"],
    holds: ({ aws }) => aws.monitoring.logRetentionDays >= sixYears,
    message: ({ aws }) => `found ${aws.monitoring.logRetentionDays}; allowed: ${sixYears} or more (six years)`,
  },
  {
    name: "hipaa-data-backup",
    source: "45 CFR 164.308(a)(7)(ii)(A)",
    path: ["aws", "backupRetentionDays"],
    holds: ({ aws }) => (aws.backupRetentionDays ?? 35) >= 30,
    message: ({ aws }) => `found ${aws.backupRetentionDays ?? ""}; allowed: 30 or more`,
  },
  {
    name: "hipaa-vault-lock",
    source: "45 CFR 164.312(c)(1)",
    path: ["aws", "vault", "lock"],
    holds: ({ aws }) => aws.vault.lock !== "none",
    message: () => 'found "none"; allowed: "governance" or "compliance", so that backups cannot be changed or deleted',
  },
  {
    name: "hipaa-vault-lock-days",
    source: "45 CFR 164.312(c)(1)",
    path: ["aws", "vault", "lockDays"],
    holds: ({ aws }) => aws.vault.lockDays >= 30,
    message: ({ aws }) => `found ${aws.vault.lockDays}; allowed: 30 or more`,
  },
  {
    name: "hipaa-second-copy",
    source: "45 CFR 164.308(a)(7)(ii)(B)",
    path: ["aws", "secondRegion"],
    holds: ({ aws }) => aws.secondRegion !== undefined,
    message: () => "found nothing; allowed: another region, for copies that survive a disaster in the first one",
  },
  {
    name: "hipaa-deletion-protection",
    source: "45 CFR 164.312(c)(1)",
    path: ["aws", "deletionProtection"],
    holds: ({ aws }) => aws.deletionProtection && aws.finalSnapshot,
    message: () => "found deletionProtection or finalSnapshot false; allowed: both true",
  },
  {
    name: "hipaa-multi-az",
    source: "45 CFR 164.308(a)(7)(ii)(C)",
    path: ["aws", "multiAz"],
    holds: ({ aws }) => aws.multiAz !== false,
    message: () => "found false; allowed: true",
  },
  {
    name: "hipaa-narrow-network",
    source: "45 CFR 164.312(e)(1)",
    path: ["network", "allow"],
    holds: ({ network }) => network.allow.every(({ cidr }) => prefixOf(cidr) >= 16),
    message: ({ network }) =>
      `found ${network.allow
        .filter(({ cidr }) => prefixOf(cidr) < 16)
        .map(({ cidr }) => `"${cidr}"`)
        .join(", ")}; allowed: ranges of /16 or narrower`,
  },
];
