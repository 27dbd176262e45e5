import { runScript } from "./failure";
import { createVoice } from "./say";
import { runEngine } from "./stack/run";

runScript(() => runEngine(process.argv.slice(2), createVoice()));
