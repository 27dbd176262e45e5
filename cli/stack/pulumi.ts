import { runScript } from "../../lib/errors";
import { createReporter } from "../../lib/reporter";
import { runEngine } from "../engine/run";

runScript(() => runEngine(process.argv.slice(2), createReporter()));
