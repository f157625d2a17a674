/**
 * The databases that a session of ours connects to when it works on no database in particular, in this order.
 * An owner can drop `postgres`. `template1` is on every server; it comes second, because CREATE DATABASE waits
 * for the sessions in it.
 */
export const maintenanceDatabases = ["postgres", "template1"] as const;

/** The first of them, which a server usually has. */
export const maintenanceDatabase = maintenanceDatabases[0];

/** The one to try when the server lets nobody into the first. */
export const spareDatabase = maintenanceDatabases[1];
