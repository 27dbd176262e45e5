import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** Hash of a text, for triggers: known at preview, and no secret even where the text is one. */
export function sha256(text: pulumi.Input<string>): pulumi.Output<string> {
  const hash = pulumi.output(text).apply((content) => createHash("sha256").update(content).digest("hex"));
  return pulumi.unsecret(hash);
}
