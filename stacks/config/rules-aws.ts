import { ruleOf } from "../../components/compliance/rule";
import { backupScheduleProblems } from "../../components/platforms/aws/rules/backups";
import { awsHipaa } from "../../components/platforms/aws/rules/hipaa";
import { awsObjectiveRules } from "../../components/platforms/aws/rules/objectives";
import { overrideProblems } from "../../components/platforms/aws/rds/parameters/parameter-group";
import { identifierProblem } from "../../components/platforms/aws/names";
import { awsProblems, readTargetCount } from "../../components/platforms/aws/rules/rules";
import {
  dumpDestinationProblems,
  imageProblems,
  poolerShareProblems,
  readWeightProblems,
} from "../../components/kubernetes/rules";
import { parameterProblems } from "../../components/postgres/parameters/check";
import { brokenRules, type Problem } from "../../lib/values";
import { check, planned, type With } from "./sections";

/** Overrides that the engine has no place for, once they are right in themselves. */
function engineProblems({ postgres, aws }: With<"postgres" | "aws">): Problem[] {
  if (parameterProblems(postgres.parameters, postgres.version).length > 0) return [];
  const engine = aws.topology === "aurora" ? "aurora-postgresql" : "postgres";
  return overrideProblems({ engine, version: postgres.version, overrides: postgres.parameters });
}

/** The name of the servers, if it follows from the stack's. */
function identifierProblems({ stack, aws }: With<"stack" | "aws">): Problem[] {
  const message = identifierProblem(stack, aws);
  return message === undefined ? [] : [{ path: ["aws", "identifier"], message }];
}

/** Checks of a stack on AWS. */
export const awsChecks = [
  check(["stack", "aws"], identifierProblems),
  check(["objectives", "postgres", "aws"], (given) => brokenRules(awsObjectiveRules, given)),
  check(["platform", "postgres", "network", "backup", "aws"], (given) =>
    awsProblems({ ...given, backup: planned(given) }),
  ),
  check(["platform", "backup", "aws"], (given) => backupScheduleProblems({ ...given, backup: planned(given) })),
  check(["postgres", "aws"], engineProblems),
  check(["databases", "kubernetes"], poolerShareProblems),
  check(["postgres", "aws", "kubernetes"], ({ postgres, aws, kubernetes }) =>
    readWeightProblems(kubernetes, readTargetCount(aws, postgres.replicas)),
  ),
  check(["postgres", "kubernetes"], ({ postgres, kubernetes }) => imageProblems(postgres.version, kubernetes)),
  check(["backup", "kubernetes"], ({ backup }) => dumpDestinationProblems(backup)),
  check(["compliance", "aws", "network"], (given) =>
    given.compliance === "hipaa" ? brokenRules(awsHipaa.map(ruleOf("hipaa")), given) : [],
  ),
];
