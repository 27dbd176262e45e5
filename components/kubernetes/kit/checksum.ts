import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** Hash of a text, for an annotation that replaces pods when it changes; no secret even where the text is one. */
export const checksum = (text: pulumi.Output<string>): pulumi.Output<string> =>
  pulumi.unsecret(text.apply((content) => createHash("sha256").update(content).digest("hex")));
