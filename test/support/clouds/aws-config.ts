/** Config of a small AWS stack, keys without the namespace: an RDS Multi-AZ instance in a network that exists. */
export const awsConfig = () => ({
  platform: "aws",
  objectives: { rto: "2 minutes" } as Record<string, string>,
  postgres: { version: 15, replicas: 1 } as Record<string, unknown>,
  databases: { app: { applications: { app: { pool: 10 } } } } as Record<string, unknown>,
  network: { allow: [{ cidr: "10.20.0.0/16", reason: "private network" }] },
  backup: {} as Record<string, unknown>,
  aws: {
    account: "111122223333",
    region: "eu-central-1",
    instanceClass: "db.r7g.large",
    engineVersion: "15.14",
    network: { vpcId: "vpc-0f1e2d3c4b5a69788", subnetIds: ["subnet-0f1e2d3c4b5a69781", "subnet-0f1e2d3c4b5a69782"] },
    identity: { issuer: "oidc.eks.eu-central-1.amazonaws.com/id/ABC" },
    keyAdministrators: ["arn:aws:iam::111122223333:role/admin"],
  } as Record<string, unknown>,
  kubernetes: { context: "prod", image: "registry.example.com/howdah:0.1.0" } as Record<string, unknown>,
});

export type AwsConfig = ReturnType<typeof awsConfig>;
