import { createHash } from "node:crypto";
import { type Facts, type Rows, text } from "../row";

const sum = (value: string, digits: number): string =>
  createHash("sha256").update(value).digest("hex").slice(0, digits);

const everyKeyProperty = (facts: Facts) => ({
  arn: facts.arn("kms", `key/${facts.uuid}`),
  keyId: facts.uuid,
});

/** Keys, identities and secrets. */
export const security: Rows = {
  "aws:kms/key:Key": {
    replacing: ["customerMasterKeySpec", "customKeyStoreId", "keyUsage", "multiRegion", "xksKeyId"],
    id: ({ uuid }) => uuid,
    defaults: () => ({
      customerMasterKeySpec: "SYMMETRIC_DEFAULT",
      description: "",
      isEnabled: true,
      keyUsage: "ENCRYPT_DECRYPT",
      multiRegion: false,
      rotationPeriodInDays: 365,
    }),
    computed: everyKeyProperty,
  },
  "aws:kms/alias:Alias": {
    name: "name",
    replacing: ["name", "namePrefix"],
    computed: ({ arn, name, inputs }) => {
      const target = text(inputs["targetKeyId"]);
      return { arn: arn("kms", name), targetKeyArn: target.startsWith("arn:") ? target : arn("kms", `key/${target}`) };
    },
  },
  "aws:iam/role:Role": {
    global: true,
    name: "name",
    replacing: ["name", "namePrefix", "path"],
    defaults: () => ({ maxSessionDuration: 3600, path: "/" }),
    computed: ({ globalArn, name, inputs, hex }) => ({
      arn: globalArn("iam", `role${text(inputs["path"]) || "/"}${name}`),
      createDate: "2026-11-25T12:00:00Z",
      uniqueId: `AROA${hex(17).toUpperCase()}`,
    }),
  },
  "aws:iam/rolePolicy:RolePolicy": {
    global: true,
    name: "name",
    replacing: ["name", "namePrefix", "role"],
    id: ({ inputs, name }) => `${text(inputs["role"])}:${name}`,
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    global: true,
    replacing: ["policyArn", "role"],
    id: ({ inputs }) => `${text(inputs["role"])}-${sum(text(inputs["policyArn"]), 26)}`,
  },
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
    replacing: ["clusterName", "namespace", "serviceAccount"],
    id: ({ hex }) => `a-${hex(17)}`,
    computed: ({ arn, inputs, hex }) => ({
      associationArn: arn("eks", `podidentityassociation/${text(inputs["clusterName"])}/a-${hex(17)}`),
      associationId: `a-${hex(17)}`,
      externalId: "",
    }),
  },
  "aws:secretsmanager/secret:Secret": {
    name: "name",
    replacing: ["name", "namePrefix"],
    id: ({ arn, name, hex }) => arn("secretsmanager", `secret:${name}-${hex(6)}`),
    defaults: () => ({ forceOverwriteReplicaSecret: false, policy: "", recoveryWindowInDays: 30, replicas: [] }),
    computed: ({ arn, name, hex }) => ({ arn: arn("secretsmanager", `secret:${name}-${hex(6)}`) }),
  },
  "aws:secretsmanager/secretVersion:SecretVersion": {
    replacing: ["secretBinary", "secretId", "secretString"],
    id: ({ inputs, uuid }) => `${text(inputs["secretId"])}|${uuid}`,
    defaults: () => ({ versionStages: ["AWSCURRENT"] }),
    computed: ({ inputs, uuid }) => ({ arn: text(inputs["secretId"]), hasSecretStringWo: false, versionId: uuid }),
  },
  "aws:lambda/function:Function": {
    name: "name",
    replacing: ["name", "packageType"],
    computed: ({ arn, name }) => ({
      arn: arn("lambda", `function:${name}`),
      invokeArn: arn("apigateway", `lambda:path/2015-03-31/functions/${arn("lambda", `function:${name}`)}/invocations`),
      qualifiedArn: arn("lambda", `function:${name}:1`),
      version: "$LATEST",
    }),
  },
  "aws:lambda/permission:Permission": {
    name: "statementId",
    replacing: ["action", "eventSourceToken", "function", "principal", "qualifier", "sourceAccount"].concat(
      ["sourceArn", "statementId"],
    ), // prettier-ignore
  },
};
