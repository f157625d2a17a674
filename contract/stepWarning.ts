/** What the line begins with by which a step of `up` that succeeds says what the operator should know. */
export const stepWarning = "warning: ";
