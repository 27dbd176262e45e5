import { backupPlan } from "../../../backup/plan";
import type { BackupSettings } from "../../../backup/schema";
import { ruleOf } from "../../../compliance/rule";
import {
  dumpDestinationProblems,
  imageProblems,
  poolerShareProblems,
  readWeightProblems,
} from "../../../kubernetes/rules";
import type { KubernetesSettings } from "../../../kubernetes/schema";
import type { SharedSections } from "../../../ports";
import { awsExtensionProblems } from "../../../postgres/extensions/rules";
import { parameterProblems } from "../../../postgres/parameters/check";
import { brokenRules, type Problem } from "../../../../lib/values";
import { checkOf, type Present } from "../../define";
import { defaults } from "../defaults";
import { identifierProblem } from "../names";
import { overrideProblems } from "../rds/parameters/parameter-group";
import type { AwsSettings } from "../schema/schema";
import { backupScheduleProblems } from "./backups";
import { awsHipaa } from "./hipaa";
import { awsObjectiveRules } from "./objectives";
import { awsProblems, readTargetCount } from "./rules";

interface Sections extends SharedSections {
  readonly aws?: AwsSettings | undefined;
  readonly kubernetes?: KubernetesSettings | undefined;
}

const check = checkOf<Sections>();

/** Defaults of the plan are as good as values of the config. */
const planned = <T extends { readonly backup: BackupSettings }>(sections: T) => ({
  ...sections,
  backup: backupPlan(sections.backup, defaults),
});

/** Overrides that are valid PostgreSQL, but not supported by the engine. */
function engineProblems({ postgres, aws }: Present<Sections, "postgres" | "aws">): Problem[] {
  if (parameterProblems(postgres.parameters, postgres.version).length > 0) return [];
  const engine = aws.topology === "aurora" ? "aurora-postgresql" : "postgres";
  return overrideProblems({ engine, version: postgres.version, overrides: postgres.parameters });
}

/** The name of the servers, if it follows from the stack's. */
function identifierProblems({ stack, aws }: Present<Sections, "stack" | "aws">): Problem[] {
  const message = identifierProblem(stack, aws);
  return message === undefined ? [] : [{ path: ["aws", "identifier"], message }];
}

const checks = [
  check(["stack", "aws"], identifierProblems),
  check(["objectives", "postgres", "aws"], (sections) => brokenRules(awsObjectiveRules, sections)),
  check(["postgres", "network", "backup", "aws"], (sections) => awsProblems(planned(sections))),
  check(["backup", "aws"], (sections) => backupScheduleProblems(planned(sections))),
  check(["postgres", "aws"], engineProblems),
  check(["databases", "aws"], ({ databases, aws }) =>
    awsExtensionProblems(databases, {
      service: aws.topology === "aurora" ? "Aurora" : "RDS",
      version: aws.engineVersion,
    }),
  ),
  check(["databases", "kubernetes"], poolerShareProblems),
  check(["postgres", "aws", "kubernetes"], ({ postgres, aws, kubernetes }) =>
    readWeightProblems(kubernetes, readTargetCount(aws, postgres.replicas)),
  ),
  check(["postgres", "kubernetes"], ({ postgres, kubernetes }) => imageProblems(postgres.version, kubernetes)),
  check(["backup", "kubernetes"], ({ backup }) => dumpDestinationProblems(backup)),
  check(["compliance", "aws", "network"], (sections) =>
    sections.compliance === "hipaa" ? brokenRules(awsHipaa.map(ruleOf("hipaa")), sections) : [],
  ),
];

/** Problems of a stack on AWS. */
export const sectionProblems = (sections: Sections): Problem[] => checks.flatMap((find) => find(sections));
