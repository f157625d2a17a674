// Pulumi loads TypeScript and npm's own installer, to pack the code of functions that a program gives to a
// cloud. No component of ours does that, and to load them took half of the time of a test of components.
module.exports = {};
