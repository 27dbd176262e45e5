import * as pulumi from "@pulumi/pulumi";
import { sha256 } from "../lib/text/hash";

/** Hash of a text, for a trigger or an annotation: known at preview, and no secret even if the text is one. */
export const publicHash = (text: pulumi.Input<string>): pulumi.Output<string> =>
  pulumi.unsecret(pulumi.output(text).apply(sha256));
