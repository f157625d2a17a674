import "../patches/stubbedDockerode";
import { stepProgram } from "../primary/stepProgram";
import type { StepInput } from "../primary/script";

void stepProgram((input) => JSON.parse(input) as StepInput);
