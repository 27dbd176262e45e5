import type * as pulumi from "@pulumi/pulumi";
import { WorkloadIdentity, workloadTrust } from "../../../../../../components/platforms/aws/identity/workload-identity";
import { graphOf } from "../../../../../support/graph";

const subject = { namespace: "howdah", serviceAccount: "dump" };
const home = { account: "123456789012", region: "eu-central-1" } as const;
const issuer = "oidc.eks.eu-central-1.amazonaws.com/id/ABC";
const byIssuer = { ...home, identity: { issuer } };
const byAgent = { ...home, identity: { podIdentityCluster: "prod" } };

const made = (settings: typeof byIssuer | typeof byAgent) =>
  graphOf(() => new WorkloadIdentity("job", { settings, subject, description: "a job", policy: "{}" }).annotations);

const valueOf = (output: pulumi.Input<string> | undefined) =>
  new Promise((resolve) => (output as pulumi.Output<string>).apply(resolve));

test("with an issuer, one service account is trusted, and annotated with the role", async () => {
  const { registrations, result } = await made(byIssuer);
  expect(registrations.map(({ type }) => type)).toEqual([
    "howdah:aws:WorkloadIdentity",
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
  ]);
  expect(Object.keys(result)).toEqual(["eks.amazonaws.com/role-arn"]);
  await expect(valueOf(result["eks.amazonaws.com/role-arn"])).resolves.toBe("${job-role.arn}");
  expect(JSON.parse(workloadTrust({ settings: byIssuer, subject }))).toMatchObject({
    Statement: [
      {
        Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${issuer}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            [`${issuer}:aud`]: "sts.amazonaws.com",
            [`${issuer}:sub`]: "system:serviceaccount:howdah:dump",
          },
        },
      },
    ],
  });
});

test("with the agent of EKS, the association is made, for one service account of one cluster", async () => {
  const { registrations, result } = await made(byAgent);
  expect(result).toEqual({});
  expect(registrations.find(({ type }) => type.startsWith("aws:eks"))?.inputs).toEqual({
    clusterName: "prod",
    namespace: "howdah",
    serviceAccount: "dump",
    roleArn: "${job-role.arn}",
  });
  expect(JSON.parse(workloadTrust({ settings: byAgent, subject }))).toMatchObject({
    Statement: [
      {
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: {
          StringEquals: {
            "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:eu-central-1:123456789012:cluster/prod",
            "aws:RequestTag/kubernetes-namespace": "howdah",
            "aws:RequestTag/kubernetes-service-account": "dump",
          },
        },
      },
    ],
  });
});

test.each([byIssuer, byAgent])("no trust has a wildcard", (settings) => {
  expect(workloadTrust({ settings, subject })).not.toContain("*");
});
