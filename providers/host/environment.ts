import { forgetForeign } from "../../lib/process/environment";

// Imported first, so that no module sees these variables while it loads.
forgetForeign();
