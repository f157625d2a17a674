import { containerStep } from "../primary/containerStep";
import type { StepInput } from "../primary/script";

void containerStep((input) => JSON.parse(input) as StepInput);
