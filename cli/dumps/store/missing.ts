import { Failure } from "../../../lib/errors";

/** There is no object of that name. */
export class Missing extends Failure {}
