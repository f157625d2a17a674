import { stubDockerode } from "./dockerodeStubs";

/**
 * For a program that imports this file before anything that loads dockerode. Half of the time that loading
 * takes is for what nothing here uses.
 */
stubDockerode();
