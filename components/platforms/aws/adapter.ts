import { Provider } from "@pulumi/aws/provider";
import { earlierKeys } from "../../kubernetes/jobs/earlier-keys";
import { KubernetesWorkloads } from "../../kubernetes/workloads";
import type { PlatformAdapter } from "../../ports";
import { CloudPlatform } from "../cloud-platform";
import { AwsCloud } from "./cloud";
import type { AwsSettings } from "./schema/schema";
import type { awsSections } from "./schema/sections";

type ProviderSettings = Pick<AwsSettings, "account" | "tags" | "region">;

/** Provider for one region of the stack's account; credentials for another account are rejected. */
const providerOf = (name: string, stack: string, { account, region, tags }: ProviderSettings): Provider =>
  new Provider(name, {
    region,
    allowedAccountIds: [account],
    defaultTags: { tags: { ...tags, "howdah:stack": stack } },
  });

/** RDS or Aurora, and a Kubernetes cluster for the workloads next to it. */
export const make: PlatformAdapter<typeof awsSections>["make"] = (input, { aws: settings, kubernetes }) => {
  const { secondRegion } = settings;
  const elsewhere =
    secondRegion === undefined
      ? undefined
      : providerOf("aws-second", input.stack, { ...settings, region: secondRegion });
  const home = providerOf("aws", input.stack, settings);
  const cloud = new AwsCloud("cloud", { input, settings, elsewhere }, { providers: [home] });
  const workloads = new KubernetesWorkloads("workloads", { input, settings: kubernetes });
  return new CloudPlatform(cloud, workloads);
};

export { earlierKeys };
