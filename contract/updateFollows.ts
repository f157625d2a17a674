/**
 * With this variable the wrapper's `up` says to its own preview that an update follows on this machine: what the update
 * would refuse is refused before a question is asked and before anything is tidied up.
 */
export const updateFollows = "LATERBASE_UPDATE_FOLLOWS";
