import * as eks from "@pulumi/aws/eks";
import * as iam from "@pulumi/aws/iam";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../component";
import type { JobSubject } from "../../../ports";
import { policyDocument } from "./policy-document";
import type { AwsSettings } from "../schema/schema";

export interface WorkloadIdentityArgs {
  readonly settings: Pick<AwsSettings, "account" | "region" | "identity">;
  readonly subject: JobSubject;
  /** What the role is for; shown in the console. */
  readonly description: string;
  /** JSON of what the role may do. */
  readonly policy: pulumi.Input<string>;
}

/**
 * Trust policy by which the pods of one service account, in one cluster, act as a role. With an issuer: IAM roles for service
 * accounts; with a cluster's name: EKS Pod Identity, whose agent tags each session with where it comes from.
 */
export function workloadTrust({ settings, subject }: Pick<WorkloadIdentityArgs, "settings" | "subject">): string {
  const { account, region, identity } = settings;
  if ("issuer" in identity) {
    const { issuer } = identity;
    return policyDocument([
      {
        principals: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
        actions: ["sts:AssumeRoleWithWebIdentity"],
        conditions: {
          StringEquals: {
            [`${issuer}:aud`]: "sts.amazonaws.com",
            [`${issuer}:sub`]: `system:serviceaccount:${subject.namespace}:${subject.serviceAccount}`,
          },
        },
      },
    ]);
  }
  return policyDocument([
    {
      principals: { Service: "pods.eks.amazonaws.com" },
      actions: ["sts:AssumeRole", "sts:TagSession"],
      conditions: {
        StringEquals: {
          "aws:RequestTag/eks-cluster-arn": `arn:aws:eks:${region}:${account}:cluster/${identity.podIdentityCluster}`,
          "aws:RequestTag/kubernetes-namespace": subject.namespace,
          "aws:RequestTag/kubernetes-service-account": subject.serviceAccount,
        },
      },
    },
  ]);
}

/** A role for the pods of one service account. */
export class WorkloadIdentity extends Component {
  /** Annotations of the service account; none if EKS keeps the association itself. */
  readonly annotations: Readonly<Record<string, pulumi.Input<string>>>;

  constructor(name: string, args: WorkloadIdentityArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("howdah:aws:WorkloadIdentity", name, options);
    const { settings, subject, description, policy } = args;
    const role = new iam.Role(
      `${name}-role`,
      { description, assumeRolePolicy: workloadTrust({ settings, subject }) },
      { parent: this },
    );
    const allowed = new iam.RolePolicy(`${name}-policy`, { role: role.name, policy }, { parent: this });
    const byAnnotation = "issuer" in settings.identity;
    this.annotations = byAnnotation ? { "eks.amazonaws.com/role-arn": role.arn } : {};
    if ("podIdentityCluster" in settings.identity)
      new eks.PodIdentityAssociation(
        `${name}-association`,
        { clusterName: settings.identity.podIdentityCluster, roleArn: role.arn, ...subject },
        { parent: this, dependsOn: [allowed] },
      );
    this.registerOutputs({});
  }
}
