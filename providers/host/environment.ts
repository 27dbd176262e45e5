import { forgetForeign } from "../../tools/own-environment";

// Imported first: no module may see them while it is loaded.
forgetForeign();
