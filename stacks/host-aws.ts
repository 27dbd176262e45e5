import { Provider } from "@pulumi/aws/provider";
import { AwsCloud } from "../components/platforms/aws/cloud";
import type { AwsSettings } from "../components/platforms/aws/schema/schema";
import { CloudHost } from "../components/platforms/cloud-host";
import { KubernetesWorkloads } from "../components/kubernetes/workloads";
import type { Host, HostInput } from "../components/ports";
import type { Settings } from "./config/settings";

/** A section that the rules of the config require on this platform. */
function required<T>(section: T | undefined, name: string): T {
  if (section === undefined) throw new Error(`no section ${name}: the config was not checked`);
  return section;
}

type Place = Pick<AwsSettings, "account" | "tags" | "region">;

/** One region of the stack's account, and of no other: credentials for another account are refused. */
const providerOf = (name: string, stack: string, { account, region, tags }: Place): Provider =>
  new Provider(name, {
    region,
    allowedAccountIds: [account],
    defaultTags: { tags: { ...tags, "howdah:stack": stack } },
  });

/** RDS or Aurora, and a Kubernetes cluster for the workloads beside it. */
export function host(input: HostInput, settings: Settings): Host {
  const section = required(settings.aws, "aws");
  const { secondRegion } = section;
  const elsewhere =
    secondRegion === undefined
      ? undefined
      : providerOf("aws-second", input.stack, { ...section, region: secondRegion });
  const home = providerOf("aws", input.stack, section);
  const cloud = new AwsCloud("cloud", { input, settings: section, elsewhere }, { providers: [home] });
  const workloads = new KubernetesWorkloads("workloads", {
    input,
    settings: required(settings.kubernetes, "kubernetes"),
  });
  return new CloudHost(cloud, workloads);
}
