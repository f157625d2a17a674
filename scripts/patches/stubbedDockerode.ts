import { stubDockerode } from "./dockerodeStubs";

/** For a program that imports this file before anything that loads dockerode. */
stubDockerode();
