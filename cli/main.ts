import { forgetForeign } from "../lib/process/environment";

// Before anything else is loaded: no module may see them.
forgetForeign();

void import("./program.js").then(({ main }) => main());
