import { forgetForeign } from "../../lib/environment";

// Imported first: no module may see them while it is loaded.
forgetForeign();
