import "../patches/stubbedDockerode";
import { runCourse } from "./course";
import { readCommandLine } from "./commandLine";
import { listenForInterruption } from "./interruption";
import { terminalOutput } from "./output";

// What npm start and npm run pulumi -- up|preview|destroy do around Pulumi:
//   main.ts start|up|preview|destroy <Pulumi's own arguments…>
// The scripts of scripts/npm have made the machine ready and name the stack among the arguments. What happens is in
// course.ts, step by step.

const line = readCommandLine(process.argv.slice(2));
void runCourse(line, terminalOutput(), listenForInterruption()).then((code) => process.exit(code));
