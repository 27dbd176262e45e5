import { forgetForeign } from "../lib/environment";

// Before anything else is loaded: no module may see them.
forgetForeign();

void import("./program.js").then(({ main }) => main());
