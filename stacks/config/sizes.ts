import type { AwsSettings } from "../../components/platforms/aws/schema/schema";
import { serverSize } from "../../components/platforms/aws/sizes";
import type { PostgresSection, PostgresSettings, ServerSize } from "../../components/postgres/schema";

/** A small server beside the others of a developer's machine. */
const local: ServerSize = { memory: "1 GB", cpus: 2 };

/** What the size of the servers depends on. */
export interface SizeSections {
  readonly platform: "local" | "aws";
  readonly postgres: PostgresSection;
  readonly aws?: AwsSettings | undefined;
}

/** The servers with their size: the config's on this machine, the instance class's on AWS; undefined where nobody knows the class. */
export function sizedPostgres({ platform, postgres, aws }: SizeSections): PostgresSettings | undefined {
  const { memory, cpus, ...rest } = postgres;
  if (platform === "local") return { ...rest, memory: memory ?? local.memory, cpus: cpus ?? local.cpus };
  const size = aws === undefined ? undefined : serverSize(aws);
  return size === undefined ? undefined : { ...rest, ...size };
}
