// With faults and changes that other files of npm test have without a stack.
import "../../integration/wholeStack.test";
