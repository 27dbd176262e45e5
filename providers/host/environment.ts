import { forgetForeign } from "../../lib/process/environment";

// Imported first: no module may see them while it is loaded.
forgetForeign();
