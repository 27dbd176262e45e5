/** An error that the user can mend: its message says what is wrong and what to do, and needs no stack trace. */
export class UserError extends Error {}
