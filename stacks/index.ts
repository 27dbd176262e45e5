import * as pulumi from "@pulumi/pulumi";
import { compose } from "./compose";
import { readSettings } from "./config";

export = compose(pulumi.getStack(), readSettings());
