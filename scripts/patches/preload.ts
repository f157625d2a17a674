import { skipUnusedParts } from "./unusedParts";

/** Pulumi.yaml has Node load this file before the SDK. */
skipUnusedParts();
